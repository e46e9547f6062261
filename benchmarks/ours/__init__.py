"""The product as it is shipped, with one more route: a view that does nothing else."""
