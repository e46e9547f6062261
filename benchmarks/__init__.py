"""The figures of the product beside those of its peers: `./run bench`. README.md tells how to read them."""
