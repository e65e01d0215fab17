"""YAML files are read strictly: what is wrong in one is said with its file and line."""

from collections.abc import Hashable
from pathlib import Path

import yaml

from knowledge.errors import RolewiseError


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would silently keep the last."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Hashable, object]:
        # Merges (<<), which can grow without bound, are refused here as keys of no known kind.
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable):
                if key in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key!r} stands twice", key_node.start_mark
                    )
                seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_yaml(
    path: Path, error_class: type[RolewiseError], *, called: str = "file"
) -> tuple[yaml.Node | None, object]:
    """Return what a file holds, with the node that tells its lines; neither where it is empty.

    Args:
        path: The file.
        error_class: What is raised where it can't be read or is no YAML.
        called: What the file is called where there is none.

    Raises:
        RolewiseError: of the class given; it names the file, and the line where it has one.
    """
    try:
        loader = _StrictLoader(path.read_text(encoding="utf-8-sig"))
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    except FileNotFoundError as error:
        raise error_class(f"There is no {called} {path}. Mend the path.") from error
    except OSError as error:
        raise error_class(f"{path} can't be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise error_class(f"{path} is not UTF-8. Save it as UTF-8.") from error
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = (
            getattr(error, "problem", None) or f"{error or type(error).__name__}".splitlines()[0]
        )
        raise error_class(f"{path}{place}: {problem}.") from error
