"""Where everything stands on the map.

The residual stream runs down the left; branches leave it to the right and come back. One block is opened, the others
are folded; in it one head is opened, the others stand beside it.
"""

from __future__ import annotations

from kit.model.tensor_map.canvas import COLUMNS, HEIGHT, SPINE, SPINE_WIDTH, WIDTH, Box, Frame, Label, Sheet
from kit.model.tensor_map.learner_notes import Notes
from kit.model.tensor_map.parts import Part
from kit.model.tensor_map.settings import Settings, counted

MOST_CARDS = 3  # heads drawn beside the opened one


def middle(box: Box) -> tuple[float, float]:
    """The middle of a box."""
    return box.x + box.width / 2, box.y + box.height / 2


def make_sheet(settings: Settings, parts: dict[str, Part], notes: Notes, parameters: int) -> Sheet:
    """The whole page for these parts in this state. `parameters` is what the whole model learns."""
    sheet = Sheet(settings, parts, notes)
    embedding = entrance(sheet, 29)
    block(sheet, embedding, 81)
    exit_(sheet, 235)
    generation(sheet, 273)
    header(sheet, parameters)
    return sheet


def entrance(sheet: Sheet, y: float) -> Box:
    """From ids to vectors that know what stands where."""
    ids = sheet.on_spine("ids", y)
    table, vectors = sheet.row(y, "", "token table", "token vectors")
    places, rows, positions = sheet.row(y + 17, "places", "position table", "position vectors")
    embedding = sheet.on_spine("embedding", y + 34)
    sheet.chain(ids, table, vectors)
    sheet.chain(places, rows, positions)
    x, y_ids = middle(places)[0], middle(ids)[1]
    sheet.arrow((x, y_ids), (x, places.y))
    x, y_plus = COLUMNS[3] + 6, places.y - 1.5
    sheet.plus(x, y_plus)
    sheet.arrow((vectors.x + vectors.width, y_ids), (x, y_ids), (x, y_plus - 2))
    sheet.arrow((positions.x + positions.width, middle(places)[1]), (x, middle(places)[1]), (x, y_plus + 2))
    y_sum = middle(embedding)[1]
    sheet.arrow((x + 2, y_plus), (x + 6, y_plus), (x + 6, y_sum), (embedding.x + embedding.width, y_sum))
    return embedding


def block(sheet: Sheet, embedding: Box, y: float) -> None:
    """One block, opened, on both of its ways around the stream."""
    sheet.frames.append(Frame(7, y, 196, 140, "block 0: TransformerBlock", COLUMNS[0] - 7))
    mean, norm, normalised = sheet.row(y + 6, "mean", "norm_1: gain, bias", "normalised")
    turn = middle(mean)[1]
    sheet.arrow((SPINE, turn), (mean.x, turn))
    sheet.chain(mean, norm, normalised)

    top, bottom = y + 25, y + 84
    bus_in, bus_out = y + 22.5, bottom + 2.5
    side, projection, projected = sheet.row(y + 89, "projected", "projection", "heads side by side")[::-1]
    x_in, x_out = middle(normalised)[0], middle(side)[0]
    sheet.arrow((x_in, normalised.y + normalised.height), (x_in, bus_in), head=False)
    middles = heads(sheet, top, bottom)
    sheet.arrow((min(middles[0], x_in), bus_in), (max(middles[-1], x_in), bus_in), head=False)
    sheet.arrow((min(middles[0], x_out), bus_out), (max(middles[-1], x_out), bus_out), head=False)
    for x in middles:
        sheet.arrow((x, bus_in), (x, top))
        sheet.arrow((x, bottom), (x, bus_out), head=False)
    sheet.arrow((x_out, bus_out), (x_out, side.y))
    sheet.chain(side, projection, projected)

    y_first = middle(projected)[1]
    sheet.plus(SPINE, y_first)
    sheet.arrow((projected.x, y_first), (SPINE + 2, y_first))
    sheet.arrow((SPINE, embedding.y + embedding.height), (SPINE, y_first - 2), thick=True)

    stream = sheet.on_spine("stream", y + 106)
    sheet.arrow((SPINE, y_first + 2), (SPINE, stream.y), thick=True)
    norm, again, expand, hidden = sheet.row(y + 106, "norm_2: gain, bias", "normalised again", "expand", "hidden")
    sheet.chain(stream, norm, again, expand, hidden)
    thought, contract = sheet.row(y + 123, "", "thought", "contract")
    y_second, x = middle(thought)[1], middle(hidden)[0]
    sheet.arrow((x, hidden.y + hidden.height), (x, y_second), (contract.x + contract.width, y_second))
    sheet.say("only what is", x + 2, y_second - 2.8, 6, 14)
    sheet.say("above 0", x + 2, y_second - 0.4, 6, 14)
    sheet.chain(contract, thought)
    sheet.plus(SPINE, y_second)
    sheet.arrow((thought.x, y_second), (SPINE + 2, y_second))
    sheet.arrow((SPINE, stream.y + stream.height), (SPINE, y_second - 2), thick=True)
    sheet.arrow((SPINE, y_second + 2), (SPINE, y + 140), thick=True, head=False)


def heads(sheet: Sheet, top: float, bottom: float) -> list[float]:
    """The heads side by side, between two heights; gives back the middle of each."""
    others = sheet.settings.heads - 1
    cards = min(others, MOST_CARDS)
    left, gap = COLUMNS[0], 2.5
    wide = 72.0 if cards else 80.0
    sheet.frames.append(Frame(left - 1.5, top, wide, bottom - top, f"head 0 of {sheet.settings.heads:,}"))
    x, far = left, left + 2 * WIDTH + 7
    step = HEIGHT + 5
    weights = sheet.put("query, key, value weights", x, top + 4.5)
    queries = sheet.put("queries, keys, values", far - WIDTH, top + 4.5)
    mask = sheet.put("mask", x, top + 4.5 + step)
    attention = sheet.put("attention weights", far - WIDTH, top + 4.5 + step)
    output = sheet.put("head output", far - WIDTH, top + 4.5 + 2 * step)
    sheet.chain(weights, queries)
    sheet.chain(mask, attention)
    right = middle(queries)[0]
    sheet.arrow((right - 6, queries.y + HEIGHT), (right - 6, attention.y))
    sheet.arrow((right - 6, attention.y + HEIGHT), (right - 6, output.y))
    beside = far + 1.2
    sheet.arrow(
        (queries.x + WIDTH, middle(queries)[1]),
        (beside, middle(queries)[1]),
        (beside, middle(output)[1]),
        (output.x + WIDTH, middle(output)[1]),
    )
    sheet.say("queries meet keys", right - 5, attention.y - 2.5, 6, 22)
    sheet.say("values, mixed", right - 5, output.y - 2.5, 6, 22)
    sheet.say("softmax of the scores,", x, output.y + 4, 6, WIDTH)
    sheet.say("divided by √ head size,", x, output.y + 6.8, 6, WIDTH)
    sheet.say("the future masked", x, output.y + 9.6, 6, WIDTH)
    middles = [left - 1.5 + wide / 2]
    start, end = left - 1.5 + wide + gap, 201.0
    if cards:
        each = min(30.0, (end - start - gap * (cards - 1)) / cards)
        for number in range(1, cards + 1):
            folded = number == cards and others > cards
            name = f"{others - cards + 1:,} more heads" if folded else f"head {number}"
            at = start + (number - 1) * (each + gap)
            sheet.frames.append(Frame(at, top, each, bottom - top, name))
            for place, box in enumerate((queries, attention, output)):
                part = box.part
                sheet.boxes.append(
                    Box(part, at + 1.5, top + 4.5 + place * step, each - 3, HEIGHT, sheet.unknown(part), brief=True)
                )
            middles.append(at + each / 2)
    return middles


def exit_(sheet: Sheet, y: float) -> None:
    """The folded blocks, and from the stream to scores and loss."""
    settings, per_block = sheet.settings, block_parameters(sheet)
    more = settings.layers - 1
    x = SPINE - SPINE_WIDTH / 2
    card = y - 11.5  # the upper edge of the foremost folded block
    for back in range(min(more, 3) - 1, -1, -1):
        sheet.frames.append(Frame(x + 5 + back, card - back, SPINE_WIDTH - 12, 6.5))
    if more:
        here = x + 5 + (SPINE_WIDTH - 12) / 2
        sheet.labels.append(Label(f"{counted(more, 'block')} more", here, card + 3.3, 7, True, True, 32))
    sheet.arrow((SPINE, card + (6.5 if more else -2.5)), (SPINE, y), thick=True)
    each = f", {per_block:,} parameters each" if per_block else ""
    line = f"× {settings.layers:,} = num_layers{each}; what leaves one block has the shape that the next one wants"
    sheet.say(line if more else "× 1 = num_layers: this block is the only one", COLUMNS[0], card + 3.7, 6.5, 136)
    out = sheet.on_spine("out of the last block", y)
    norm, into, scores, logits = sheet.row(y, "last norm: gain, bias", "into the logits", "to_scores", "logits")
    sheet.chain(out, norm, into, scores, logits)
    loss, flat = sheet.row(y + 17, "", "", "loss", "flat logits")
    x = middle(flat)[0]
    sheet.arrow((x, logits.y + HEIGHT), (x, flat.y))
    sheet.chain(flat, loss)
    sheet.say("cross-entropy", loss.x + 2, loss.y - 1.4, 6, 24)
    training(sheet, loss)


def training(sheet: Sheet, loss: Box) -> None:
    """What a step of training adds for a parameter, shown for the token table."""
    mean, gradient = sheet.row(loss.y, "mean of its gradients", "its gradient")
    sheet.chain(loss, gradient, mean)
    sheet.say("in training, for the token table,", SPINE - SPINE_WIDTH / 2, middle(mean)[1] - 3.0, 6.2, SPINE_WIDTH)
    sheet.say("and likewise for every parameter;", SPINE - SPINE_WIDTH / 2, middle(mean)[1], 6.2, SPINE_WIDTH)
    sheet.say("a mean of their squares besides", SPINE - SPINE_WIDTH / 2, middle(mean)[1] + 3.0, 6.2, SPINE_WIDTH)


def block_parameters(sheet: Sheet) -> int:
    """What a block learns; 0 while a part of it is unknown."""
    once = ("norm_1: gain, bias", "projection", "norm_2: gain, bias", "expand", "contract")
    head = sheet.parts["query, key, value weights"]
    if any(sheet.unknown(sheet.parts[name]) for name in once) or sheet.unknown(head):
        return 0
    return sum(sheet.parts[name].count for name in once) + sheet.settings.heads * head.count


def generation(sheet: Sheet, y: float) -> None:
    """One character more."""
    sheet.frames.append(Frame(7, y - 4.8, 196, 20.8, "generate: one character more, again and again"))
    context = sheet.on_spine("context", y)
    sheet.chain(context, *sheet.row(y, "", "last scores", "chosen", "generated"))
    sheet.say("through the model", COLUMNS[0], y + HEIGHT / 2 - 2, 6.5, WIDTH)


def header(sheet: Sheet, parameters: int) -> None:
    """What the page is, for which settings, and how far the learner has come."""
    boxes = [box for box in sheet.boxes if not box.brief]
    open_boxes = [box for box in boxes if not box.known]
    total = f" · {parameters:,} parameters" if not open_boxes else ""
    state = (
        "every tensor is noted"
        if not open_boxes
        else f"{len(boxes) - len(open_boxes)} of {len(boxes)} are noted and right; a question mark says where"
    )
    sheet.say("Tensor map: from ids to logits and loss", 10, 12, 15, 140, bold=True)
    sheet.say(sheet.settings.sentence + total, 10, 18.5, 7.5, 164)
    sheet.say(state, 10, 23.5, 7.5, 164)
    for number, remark in enumerate(sheet.notes.remarks[:2]):
        sheet.say(f"Not read: {remark}", 10, 291.5 + 2.8 * number, 6.2, 190)
