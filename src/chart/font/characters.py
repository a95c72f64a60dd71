"""Prints the characters that the embedded fonts keep. See README.md beside this file."""

characters = set()
for row in range(0xA1, 0xFF):
    if row in (0xA4, 0xA5, 0xA7):  # hiragana, katakana, Cyrillic
        continue
    for cell in range(0xA1, 0xFF):
        try:
            characters.add(bytes([row, cell]).decode("gb2312"))
        except UnicodeDecodeError:
            pass  # an unassigned cell
characters |= {chr(code) for code in range(0x20, 0x7F)}  # ASCII
characters |= {chr(code) for code in range(0xA0, 0x100)}  # Latin-1
characters |= set("←↑→↓↔↕↗↘≤≥≈≠±×÷‰℃①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳─│┌┐└┘├┤┬┴┼█▏▎▍▌▋▊▉")
characters |= set("●○◆◇■□▲△▼▽★☆✓✗–—‘’“”…•·′″€µμΩ∞√∑")
print("".join(sorted(characters)), end="")
