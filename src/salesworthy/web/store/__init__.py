"""What pages read: an index of the newest published run, made once and asked often."""
