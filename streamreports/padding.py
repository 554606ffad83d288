"""Text that makes Safari show a partially loaded page."""

from django.utils.safestring import SafeString

# Measured on the pixels of the screen while a response stays open, in WebKitGTK 2.50, whose engine
# is Safari's: it paints once it has 512 bytes and 201 characters of text, zero-width spaces
# included. Comments and other spaces do not count: with 100,000 bytes of them it paints nothing.
# Chromium 156 and Firefox 153 paint 192 bytes without any text.
CHARACTERS = 201  # 603 bytes in UTF-8, so that they suffice for both limits.

#: Safari shows a page that is still arriving once it has 201 characters of text. If yours begins
#: with less, put this at the start of its first heading or paragraph: it takes no room, and screen
#: readers ignore it. Chromium and Firefox show what they have.
PADDING = SafeString(f'<span aria-hidden="true">{chr(0x200B) * CHARACTERS}</span>')
