"""Running builds and reading what builders say of them."""
