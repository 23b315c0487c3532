"""Networks of torchvision, timm and open_clip by name, and their published weights."""
