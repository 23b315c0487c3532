"""More pictures than a machine holds: the same functions of pictures, carried out by Ray Data."""
