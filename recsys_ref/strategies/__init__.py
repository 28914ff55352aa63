"""R: what is recommended to whom. One strategy a module, one shared base."""
