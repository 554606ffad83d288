"""Turn rows and a format into blocks of bytes, and write them."""
