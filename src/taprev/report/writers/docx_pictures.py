"""The pictures of a DOCX file: python-docx reads the whole file again for each; here what is stored is remembered."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml.shape import CT_Inline
from docx.parts.document import DocumentPart
from docx.parts.image import ImagePart
from docx.shared import Length
from docx.text.paragraph import Paragraph

from taprev.report.documents.document import Picture
from taprev.report.writers import plain


@dataclass
class Pictures:
    """The pictures of one file: each content is stored once, and each place where it stands has a number."""

    part: DocumentPart
    stored: dict[bytes, tuple[str, Image]] = field(default_factory=dict)
    shown: int = 0

    def draw(self, paragraph: Paragraph, picture: Picture, whole: int, tallest: int | None = None) -> None:
        """Draw a picture as wide as its share of the whole, and never taller than it may be."""
        relation, image = self.stored.get(picture.png) or self._store(picture.png)
        width, height = image.scaled_dimensions(Length(int(whole * picture.share)), None)
        if tallest and height > tallest:
            width, height = Length(int(width * tallest / height)), Length(tallest)
        self.shown += 1
        inline = CT_Inline.new_pic_inline(self.shown, relation, image.filename, width, height)
        inline.docPr.set("descr", plain.line(picture.alternative))
        paragraph.add_run()._r.add_drawing(inline)

    def _store(self, png: bytes) -> tuple[str, Image]:
        image = Image.from_file(io.BytesIO(png))
        name = PackURI(f"/word/media/image{len(self.stored) + 1}.{image.ext}")
        relation = self.part.relate_to(ImagePart.from_image(image, name), RELATIONSHIP_TYPE.IMAGE)
        self.stored[png] = relation, image
        return self.stored[png]
