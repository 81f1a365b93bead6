"""Pages, their JSON, their exports, and the one gate that all of them go through."""
