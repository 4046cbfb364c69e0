"""Office Open XML (ECMA-376): packages of parts, and what Word, PowerPoint and Excel write into them."""
