"""A callback of Dash, asked by hand in the way that its renderer asks."""

PATH = "/_dash-update-component"


def of(app):
    """The callbacks of an app, as `/_dash-dependencies` lists them."""
    return [{**wires, "output": key} for key, wires in app.callback_map.items()]


def outputs(key):
    """What a callback fills, each as `component.property`."""
    return key.strip(".").split("...")


def filling(listed, output):
    """Of the callbacks listed the one that fills `component.property`."""
    return next(each for each in listed if output in outputs(each["output"]))


def body(wires, values=None, changed=()):
    """What is posted to ask a callback: `values` by `component.property`, of what has none null is sent.

    `changed` are the inputs that the reader changed, the first one unless others are named.
    """
    names = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in outputs(wires["output"])]
    inputs, states = (
        [{**wire, "value": (values or {}).get(f"{wire['id']}.{wire['property']}")} for wire in wires[kind]]
        for kind in ("inputs", "state")
    )
    return {
        "output": wires["output"],
        "outputs": names if wires["output"].startswith("..") else names[0],
        "inputs": inputs,
        "state": states,
        "changedPropIds": [*changed] or [f"{wire['id']}.{wire['property']}" for wire in wires["inputs"][:1]],
    }
