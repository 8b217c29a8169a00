"""The tables of the reference, made from the code: `python -m docs.generate`.

Each stands in a page between two comments, so that the pages can be read as they are::

    <!-- generated: sessions -->
    <!-- end -->

`nox -s docs` writes them anew; a test fails when one of them is not what the code says.
"""

from __future__ import annotations
