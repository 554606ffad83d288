"""Read pages by their meaning: elements, attributes and text."""

import re
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input", "link", "meta"}


class Element:
    def __init__(self, tag, attributes):
        self.tag = tag
        self.attributes = attributes
        self.children = []

    def __getitem__(self, name):
        return self.attributes[name]

    def __contains__(self, name):
        return name in self.attributes

    @property
    def text(self):
        """Return the text of the element and its descendants, with single spaces."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return re.sub(r"\s+", " ", " ".join(parts)).strip()

    def __iter__(self):
        """Yield the descendants, in the order of the page."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child

    def all(self, tag=None, /, **attributes):
        """Return the elements with a tag and with attributes; ``class_`` is one of the classes."""
        class_ = attributes.pop("class_", None)
        return [
            each
            for each in self
            if tag in (None, each.tag)
            and attributes.items() <= each.attributes.items()
            and (class_ is None or class_ in each.attributes.get("class", "").split())
        ]

    def one(self, tag=None, /, **attributes):
        (found,) = self.all(tag, **attributes)
        return found

    def described(self, element):
        """Return the text that describes an element to a screen reader."""
        names = element["aria-describedby"].split()
        return " ".join(each.text for name in names for each in self.all(id=name)).strip()


class Builder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag

    def handle_data(self, data):
        self.open[-1].children.append(data)


def parse(response):
    """Return a response's page; every element must be closed, in order."""
    builder = Builder()
    builder.feed(response.content.decode())
    assert builder.open == [builder.root]
    return builder.root


def fields(page):
    """Return the fields of a page's form, as a browser submits them."""
    pairs = []
    for each in page.one("form"):
        if each.tag == "input" and each.attributes.get("type") in ("checkbox", "radio"):
            if "checked" in each:
                pairs.append((each["name"], each["value"]))
        elif each.tag == "input":
            pairs.append((each["name"], each.attributes.get("value", "")))
        elif each.tag == "select":
            chosen = [option["value"] for option in each.all("option") if "selected" in option]
            default = [] if "multiple" in each else [each.all("option")[0]["value"]]
            pairs += [(each["name"], value) for value in chosen or default]
    return pairs


def table(page):
    """Return the texts of a page's table, the header first."""
    return [
        [cell.text for cell in row if cell.tag in ("th", "td")]
        for row in page.one("table").all("tr")
    ]
