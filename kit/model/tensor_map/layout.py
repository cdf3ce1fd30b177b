"""Where everything is on the map.

The residual stream runs down the left; branches leave it to the right and come back. One block is drawn in full, the
others are folded up; inside it, one head is drawn in full, with the others beside it.
"""

from __future__ import annotations

from kit.model.tensor_map.canvas import (
    COLUMNS,
    HEIGHT,
    STREAM,
    STREAM_LEFT,
    STREAM_WIDTH,
    WIDTH,
    Box,
    Frame,
    Label,
    Sheet,
)
from kit.model.tensor_map.learner_notes import Notes
from kit.model.tensor_map.parts import Part
from kit.model.tensor_map.settings import Settings, counted

MOST_CARDS = 3  # heads beside the one drawn in full
GAP = 2.5  # between heads


def lay_out(settings: Settings, parts: dict[str, Part], notes: Notes, parameters: int) -> Sheet:
    """The whole page: these parts, with the shapes noted so far. `parameters` is the whole model's count."""
    sheet = Sheet(settings, parts, notes)
    embedding = lay_out_embedding(sheet, 29)
    lay_out_block(sheet, embedding, 81)
    lay_out_other_blocks(sheet, 235)
    lay_out_logits(sheet, 235)
    lay_out_generation(sheet, 273)
    lay_out_header(sheet, parameters)
    return sheet


def lay_out_embedding(sheet: Sheet, y: float) -> Box:
    """From ids to the sum of token and position vectors. Returns the box of that sum."""
    ids = sheet.stream_box("ids", y)
    table, vectors = sheet.row(y, "", "token table", "token vectors")
    places, rows, positions = sheet.row(y + 17, "places", "position table", "position vectors")
    embedding = sheet.stream_box("embedding", y + 34)
    sheet.chain(ids, table, vectors)
    sheet.chain(places, rows, positions)
    (x, y_places), y_ids, y_sum = places.middle, ids.middle[1], embedding.middle[1]
    sheet.arrow((x, y_ids), (x, places.y))
    x, y_plus = COLUMNS[3] + 6, places.y - 1.5
    sheet.plus(x, y_plus)
    sheet.arrow((vectors.right, y_ids), (x, y_ids), (x, y_plus - 2))
    sheet.arrow((positions.right, y_places), (x, y_places), (x, y_plus + 2))
    sheet.arrow((x + 2, y_plus), (x + 6, y_plus), (x + 6, y_sum), (embedding.right, y_sum))
    return embedding


def lay_out_block(sheet: Sheet, embedding: Box, y: float) -> None:
    """The first block: from the stream through attention and back, then through the feed-forward layer and back."""
    sheet.frames.append(Frame(7, y, 196, 140, "block 0: TransformerBlock", COLUMNS[0] - 7))
    mean, norm, normalised = sheet.row(y + 6, "mean", "norm_1: gain, bias", "normalised")
    y_branch = mean.middle[1]
    sheet.arrow((STREAM, y_branch), (mean.x, y_branch))
    sheet.chain(mean, norm, normalised)

    top, bottom = y + 25, y + 84  # of the heads
    y_in, y_out = y + 22.5, bottom + 2.5  # the lines above and below, which join them
    projected, projection, side_by_side = sheet.row(y + 89, "projected", "projection", "heads side by side")
    x_in, x_out = normalised.middle[0], side_by_side.middle[0]
    sheet.arrow((x_in, normalised.bottom), (x_in, y_in), head=False)
    middles = lay_out_heads(sheet, top, bottom)
    sheet.arrow((min(middles[0], x_in), y_in), (max(middles[-1], x_in), y_in), head=False)
    sheet.arrow((min(middles[0], x_out), y_out), (max(middles[-1], x_out), y_out), head=False)
    for x in middles:
        sheet.arrow((x, y_in), (x, top))
        sheet.arrow((x, bottom), (x, y_out), head=False)
    sheet.arrow((x_out, y_out), (x_out, side_by_side.y))
    sheet.chain(side_by_side, projection, projected)

    y_first = projected.middle[1]
    sheet.plus(STREAM, y_first)
    sheet.arrow((projected.x, y_first), (STREAM + 2, y_first))
    sheet.arrow((STREAM, embedding.bottom), (STREAM, y_first - 2), thick=True)

    stream = sheet.stream_box("stream", y + 106)
    sheet.arrow((STREAM, y_first + 2), (STREAM, stream.y), thick=True)
    norm, again, expand, hidden = sheet.row(y + 106, "norm_2: gain, bias", "normalised again", "expand", "hidden")
    sheet.chain(stream, norm, again, expand, hidden)
    thought, contract = sheet.row(y + 123, "", "thought", "contract")
    y_second, x = thought.middle[1], hidden.middle[0]
    sheet.arrow((x, hidden.bottom), (x, y_second), (contract.right, y_second))
    sheet.label("ReLU keeps", x + 2, y_second - 2.8, 6, 14)
    sheet.label("what's above 0", x + 2, y_second - 0.4, 6, 14)
    sheet.chain(contract, thought)
    sheet.plus(STREAM, y_second)
    sheet.arrow((thought.x, y_second), (STREAM + 2, y_second))
    sheet.arrow((STREAM, stream.bottom), (STREAM, y_second - 2), thick=True)
    sheet.arrow((STREAM, y_second + 2), (STREAM, y + 140), thick=True, head=False)


def lay_out_heads(sheet: Sheet, top: float, bottom: float) -> list[float]:
    """The heads side by side, between two heights. Returns the middle of each."""
    heads = sheet.settings.heads
    cards = min(heads - 1, MOST_CARDS)
    left = COLUMNS[0] - 1.5
    width = 72.0 if cards else 80.0
    sheet.frames.append(Frame(left, top, width, bottom - top, f"head 0 of {heads:,}"))
    x_left, x_right = COLUMNS[0], COLUMNS[0] + WIDTH + 7  # the columns inside the frame
    rows = [top + 4.5 + number * (HEIGHT + 5) for number in range(3)]
    weights = sheet.box("query, key, value weights", x_left, rows[0])
    queries = sheet.box("queries, keys, values", x_right, rows[0])
    mask = sheet.box("mask", x_left, rows[1])
    attention = sheet.box("attention weights", x_right, rows[1])
    output = sheet.box("head output", x_right, rows[2])
    sheet.chain(weights, queries)
    sheet.chain(mask, attention)
    x = queries.middle[0]
    sheet.arrow((x - 6, queries.bottom), (x - 6, attention.y))
    sheet.arrow((x - 6, attention.bottom), (x - 6, output.y))
    outside, y_queries, y_output = queries.right + 1.2, queries.middle[1], output.middle[1]
    sheet.arrow((queries.right, y_queries), (outside, y_queries), (outside, y_output), (output.right, y_output))
    sheet.label("queries meet keys", x - 5, attention.y - 2.5, 6, 22)
    sheet.label("values, mixed", x - 5, output.y - 2.5, 6, 22)
    sheet.label("softmax of the scores,", x_left, output.y + 4, 6, WIDTH)
    sheet.label("divided by √ head size,", x_left, output.y + 6.8, 6, WIDTH)
    sheet.label("the future masked", x_left, output.y + 9.6, 6, WIDTH)
    middles = [left + width / 2]
    if not cards:
        return middles

    start, end = left + width + GAP, 201.0
    card_width = min(30.0, (end - start - GAP * (cards - 1)) / cards)
    for number in range(1, cards + 1):
        hidden = heads - cards if number == cards else 1  # the last card is for all the remaining heads
        x = start + (number - 1) * (card_width + GAP)
        heading = f"{hidden:,} more heads" if hidden > 1 else f"head {number}"
        sheet.frames.append(Frame(x, top, card_width, bottom - top, heading))
        for y, box in zip(rows, (queries, attention, output), strict=True):
            sheet.box(box.part.name, x + 1.5, y, card_width - 3, brief=True)
        middles.append(x + card_width / 2)
    return middles


def lay_out_other_blocks(sheet: Sheet, y: float) -> None:
    """The folded blocks, above the height at which the stream leaves them."""
    layers, parameters = sheet.settings.layers, block_parameters(sheet)
    others = layers - 1
    x, y_card = STREAM_LEFT + 5, y - 11.5  # of the foremost card
    width, height = STREAM_WIDTH - 12, 6.5
    for back in range(min(others, 3) - 1, -1, -1):
        sheet.frames.append(Frame(x + back, y_card - back, width, height))
    if others:
        text = counted(others, "more block")
        sheet.labels.append(Label(text, x + width / 2, y_card + 3.3, 7, 32, bold=True, centred=True))
    sheet.arrow((STREAM, y_card + (height if others else -2.5)), (STREAM, y), thick=True)
    each = f", {parameters:,} parameters each" if parameters else ""
    line = f"× {layers:,} = num_layers{each}; each block returns the shape the next one expects"
    sheet.label(line if others else "× 1 = num_layers: this is the only block", COLUMNS[0], y_card + 3.7, 6.5, 136)


def block_parameters(sheet: Sheet) -> int:
    """How many parameters a block has; 0 as long as one of its parts is unknown."""
    head = sheet.parts["query, key, value weights"]
    names = ("norm_1: gain, bias", "projection", "norm_2: gain, bias", "expand", "contract")
    others = [sheet.parts[name] for name in names]
    if any(map(sheet.exercise_for, (head, *others))):
        return 0
    return sum(part.count for part in others) + sheet.settings.heads * head.count


def lay_out_logits(sheet: Sheet, y: float) -> None:
    """From the stream to logits and loss; then what a step of training adds, shown for the token table."""
    out = sheet.stream_box("out of the last block", y)
    norm, into, scores, logits = sheet.row(y, "last norm: gain, bias", "into the logits", "to_scores", "logits")
    sheet.chain(out, norm, into, scores, logits)
    loss, flat = sheet.row(y + 17, "", "", "loss", "flat logits")
    x = flat.middle[0]
    sheet.arrow((x, logits.bottom), (x, flat.y))
    sheet.chain(flat, loss)
    sheet.label("cross-entropy", loss.x + 2, loss.y - 1.4, 6, 24)
    mean, gradient = sheet.row(loss.y, "mean of its gradients", "its gradient")
    sheet.chain(loss, gradient, mean)
    y_mean = mean.middle[1]
    sheet.label("in training, for the token table", STREAM_LEFT, y_mean - 3.0, 6.2, STREAM_WIDTH)
    sheet.label("and for every other parameter;", STREAM_LEFT, y_mean, 6.2, STREAM_WIDTH)
    sheet.label("also a mean of their squares", STREAM_LEFT, y_mean + 3.0, 6.2, STREAM_WIDTH)


def lay_out_generation(sheet: Sheet, y: float) -> None:
    """How the model writes one more character."""
    sheet.frames.append(Frame(7, y - 4.8, 196, 20.8, "generate: one more character, again and again"))
    context = sheet.stream_box("context", y)
    sheet.chain(context, *sheet.row(y, "", "last scores", "chosen", "generated"))
    sheet.label("through the model", COLUMNS[0], y + HEIGHT / 2 - 2, 6.5, WIDTH)


def lay_out_header(sheet: Sheet, parameters: int) -> None:
    """What the page shows, for which settings, how much of it is noted, and what couldn't be read."""
    known, total = sheet.known, len(sheet.parts_shown)
    size, state = "", f"{known} of {total} shapes are noted and right; each question mark says where to note it"
    if known == total:
        size, state = f" · {parameters:,} parameters", "every shape is noted"
    sheet.labels.append(Label("Tensor map: from ids to logits and loss", 10, 12, 15, bold=True))
    sheet.label(sheet.settings.sentence + size, 10, 18.5, 7.5, 164)
    sheet.label(state, 10, 23.5, 7.5, 164)
    for number, remark in enumerate(sheet.notes.remarks[:2]):
        sheet.label(f"Not read: {remark}", 10, 291.5 + 2.8 * number, 6.2, 190)
