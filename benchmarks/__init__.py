"""Compare streamreports with hand-written views and other packages, on real servers."""
