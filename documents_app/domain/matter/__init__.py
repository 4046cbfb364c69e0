"""What a material is made of as far as teaching goes: statements that stand alone, lists, key terms. Pure, in five languages."""
