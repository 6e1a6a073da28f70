"""What `yilian eval` and training on a data set print."""
