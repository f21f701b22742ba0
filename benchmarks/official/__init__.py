"""The official DAVIS scorer as a cross-check: run in a process of its own, on masks that were scored here too."""
