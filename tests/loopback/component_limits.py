"""What buttons, selects, layouts and modals may hold.

Source: Discord's developer documentation, "Component Reference".
"""

from tests.loopback.errors import FormChecks
from tests.loopback.model import Json, walk_components

ROWS = 5
BUTTONS_IN_ROW = 5
CUSTOM_ID_CHARACTERS = 100
BUTTON_LABEL_CHARACTERS = 80
BUTTON_URL_CHARACTERS = 512
SELECT_OPTIONS = 25
PLACEHOLDER_CHARACTERS = 150
LAYOUT_COMPONENTS = 40
LAYOUT_TEXT_CHARACTERS = 4000
MODAL_TITLE_CHARACTERS = 45
MODAL_COMPONENTS = 5
INPUT_LABEL_CHARACTERS = 45
INPUT_CHARACTERS = 4000

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = (3, 5, 6, 7, 8)
SECTION, TEXT_DISPLAY, THUMBNAIL, MEDIA_GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL = 17, 18
LINK_STYLE, PREMIUM_STYLE = 5, 6
IN_CONTAINER = (ACTION_ROW, SECTION, TEXT_DISPLAY, MEDIA_GALLERY, FILE, SEPARATOR)


def check_components(checks: FormChecks, path: str, components: list[Json]) -> None:
    """Check the rows of buttons and selects under an ordinary message."""
    checks.check_count(path, components, most=ROWS)
    for index, component in enumerate(components):
        if _check_type(checks, f"{path}.{index}", component, (ACTION_ROW,)):
            _check_row(checks, f"{path}.{index}", component)
    _check_custom_ids(checks, path, components)


def check_layout(checks: FormChecks, path: str, components: list[Json]) -> None:
    """Check the components that are a message of their own (components V2)."""
    everything = walk_components(components)
    if len(everything) > LAYOUT_COMPONENTS:
        message = f"The total number of components exceeds the maximum of {LAYOUT_COMPONENTS}"
        checks.refuse(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
    texts = [str(component.get("content", "")) for component in everything]
    if sum(map(len, texts)) > LAYOUT_TEXT_CHARACTERS:
        message = (
            f"Total size of the displayable text exceeds maximum size of {LAYOUT_TEXT_CHARACTERS}"
        )
        checks.refuse(path, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    for index, component in enumerate(components):
        at = f"{path}.{index}"
        if not _check_type(checks, at, component, (*IN_CONTAINER, CONTAINER)):
            continue
        if component["type"] == CONTAINER:
            for inner_index, inner in enumerate(component.get("components") or []):
                inner_at = f"{at}.components.{inner_index}"
                if _check_type(checks, inner_at, inner, IN_CONTAINER):
                    _check_block(checks, inner_at, inner)
        else:
            _check_block(checks, at, component)
    _check_custom_ids(checks, path, components)


def _check_block(checks: FormChecks, path: str, component: Json) -> None:
    """Check one block of a layout."""
    kind = component["type"]
    if kind == ACTION_ROW:
        _check_row(checks, path, component)
    elif kind == TEXT_DISPLAY:
        checks.check_text(
            f"{path}.content",
            component.get("content"),
            least=1,
            most=LAYOUT_TEXT_CHARACTERS,
            required=True,
        )
    elif kind == MEDIA_GALLERY:
        checks.check_count(f"{path}.items", component.get("items") or [], least=1, most=10)
    elif kind == SECTION:
        texts = component.get("components") or []
        checks.check_count(f"{path}.components", texts, least=1, most=3)
        for index, text in enumerate(texts):
            if _check_type(checks, f"{path}.components.{index}", text, (TEXT_DISPLAY,)):
                _check_block(checks, f"{path}.components.{index}", text)
        accessory = component.get("accessory")
        if accessory is None:
            checks.refuse(f"{path}.accessory", "BASE_TYPE_REQUIRED", "This field is required")
        elif not _check_type(checks, f"{path}.accessory", accessory, (BUTTON, THUMBNAIL)):
            return
        elif accessory["type"] == BUTTON:
            _check_button(checks, f"{path}.accessory", accessory)


def _check_row(checks: FormChecks, path: str, row: Json) -> None:
    """Check a row: five buttons, or one select."""
    inside = row.get("components") or []
    checks.check_count(f"{path}.components", inside, least=1, most=BUTTONS_IN_ROW)
    selects = 0
    for index, component in enumerate(inside):
        at = f"{path}.components.{index}"
        if not _check_type(checks, at, component, (BUTTON, *SELECTS)):
            continue
        selects += component["type"] in SELECTS
        if selects and index:
            message = "The specified component exceeds the maximum width"
            checks.refuse(at, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        if component["type"] == BUTTON:
            _check_button(checks, at, component)
        else:
            _check_select(checks, at, component)


def _check_button(checks: FormChecks, path: str, button: Json) -> None:
    checks.check_text(f"{path}.label", button.get("label"), most=BUTTON_LABEL_CHARACTERS)
    style = button.get("style")
    if style not in range(1, 7):
        checks.refuse(
            f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3, 4, 5, 6}."
        )
    elif style == LINK_STYLE:
        url = button.get("url")
        checks.check_text(f"{path}.url", url, most=BUTTON_URL_CHARACTERS, required=True)
        if button.get("custom_id"):
            message = "A custom id and url cannot both be specified"
            checks.refuse(
                f"{path}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message
            )
    elif style != PREMIUM_STYLE:
        _check_custom_id(checks, path, button)
        if not button.get("label") and not button.get("emoji"):
            checks.refuse(f"{path}.label", "BASE_TYPE_REQUIRED", "This field is required")


def _check_select(checks: FormChecks, path: str, select: Json) -> None:
    _check_custom_id(checks, path, select)
    checks.check_text(f"{path}.placeholder", select.get("placeholder"), most=PLACEHOLDER_CHARACTERS)
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not 0 <= least <= SELECT_OPTIONS:
        message = f"int value should be between 0 and {SELECT_OPTIONS}."
        checks.refuse(f"{path}.min_values", "NUMBER_TYPE_MAX", message)
    if not max(1, least) <= most <= SELECT_OPTIONS:
        message = f"int value should be less than or equal to {SELECT_OPTIONS}."
        checks.refuse(f"{path}.max_values", "NUMBER_TYPE_MAX", message)
    if select["type"] == STRING_SELECT:
        _check_options(checks, f"{path}.options", select.get("options") or [])


def _check_options(checks: FormChecks, path: str, options: list[Json]) -> None:
    checks.check_count(path, options, least=1, most=SELECT_OPTIONS)
    values = set()
    for index, option in enumerate(options):
        at = f"{path}.{index}"
        checks.check_text(f"{at}.label", option.get("label"), least=1, most=100, required=True)
        checks.check_text(f"{at}.value", option.get("value"), least=1, most=100, required=True)
        checks.check_text(f"{at}.description", option.get("description"), most=100)
        if option.get("value") in values:
            message = "The specified option value is already used"
            checks.refuse(f"{at}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
        values.add(option.get("value"))


def check_modal(modal: Json) -> None:
    """Refuse a modal that breaks a limit."""
    checks = FormChecks()
    checks.check_text(
        "data.title", modal.get("title"), least=1, most=MODAL_TITLE_CHARACTERS, required=True
    )
    _check_custom_id(checks, "data", modal)
    components = modal.get("components") or []
    checks.check_count("data.components", components, least=1, most=MODAL_COMPONENTS)
    for index, component in enumerate(components):
        at = f"data.components.{index}"
        if not _check_type(checks, at, component, (ACTION_ROW, TEXT_DISPLAY, LABEL)):
            continue
        if component["type"] == LABEL:
            label, description = component.get("label"), component.get("description")
            checks.check_text(
                f"{at}.label", label, least=1, most=INPUT_LABEL_CHARACTERS, required=True
            )
            checks.check_text(f"{at}.description", description, most=100)
            inside = component.get("component") or {"type": 0}
            if inside["type"] == TEXT_INPUT:
                _check_input(checks, f"{at}.component", inside)
            elif inside["type"] in SELECTS:
                _check_select(checks, f"{at}.component", inside)
        elif component["type"] == ACTION_ROW:
            inputs = component.get("components") or []
            checks.check_count(f"{at}.components", inputs, least=1, most=1)
            for text_input in inputs[:1]:
                where = f"{at}.components.0"
                if _check_type(checks, where, text_input, (TEXT_INPUT,)):
                    label = text_input.get("label")
                    checks.check_text(
                        f"{where}.label", label, least=1, most=INPUT_LABEL_CHARACTERS, required=True
                    )
                    _check_input(checks, where, text_input)
    _check_custom_ids(checks, "data.components", components)
    checks.raise_if_any()


def _check_input(checks: FormChecks, path: str, text_input: Json) -> None:
    _check_custom_id(checks, path, text_input)
    checks.check_text(f"{path}.value", text_input.get("value"), most=INPUT_CHARACTERS)
    checks.check_text(f"{path}.placeholder", text_input.get("placeholder"), most=100)
    for name, least in (("min_length", 0), ("max_length", 1)):
        length = text_input.get(name)
        if length is not None and not least <= length <= INPUT_CHARACTERS:
            message = f"int value should be between {least} and {INPUT_CHARACTERS}."
            checks.refuse(f"{path}.{name}", "NUMBER_TYPE_MAX", message)


def _check_type(checks: FormChecks, path: str, component: Json, allowed: tuple[int, ...]) -> bool:
    """Check that a component may stand where it stands."""
    if component.get("type") in allowed:
        return True
    message = f'Value of field "type" must be one of {allowed}.'
    checks.refuse(path, "UNION_TYPE_CHOICES", message)
    return False


def _check_custom_id(checks: FormChecks, path: str, component: Json) -> None:
    checks.check_text(
        f"{path}.custom_id",
        component.get("custom_id"),
        least=1,
        most=CUSTOM_ID_CHARACTERS,
        required=True,
    )


def _check_custom_ids(checks: FormChecks, path: str, components: list[Json]) -> None:
    """Check that no two components share an id."""
    seen = set()
    for at, component in _walk_with_paths(path, components):
        custom_id = component.get("custom_id")
        if custom_id and custom_id in seen:
            message = "Component custom id cannot be duplicated"
            checks.refuse(f"{at}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id)


def _walk_with_paths(path: str, components: list[Json]) -> list[tuple[str, Json]]:
    found: list[tuple[str, Json]] = []
    for index, component in enumerate(components):
        at = f"{path}.{index}"
        found.append((at, component))
        found += _walk_with_paths(f"{at}.components", component.get("components") or [])
        for key in ("accessory", "component"):
            if component.get(key):
                found.append((f"{at}.{key}", component[key]))
    return found
