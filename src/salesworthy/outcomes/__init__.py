"""What happened next: handoffs, labels and their maturity, and which leads are still open."""
