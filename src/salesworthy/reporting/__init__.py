"""Reports: pages that need nothing else, and charts that are drawn without a network; they know none of our words."""
