"""The site whose reports the commands dump in processes of their own."""
