"""How the table is asked: queries, and PartiQL statements."""

import json
import re

from ministack.core import iam_actions
from ministack.services import dynamodb

from patching import before, edit, restores, swap

PAGE = 10


@restores
def a_select_reads_the_partitions_that_it_names():
    """`WHERE pk IN [...]` reads those partitions alone, ten of the list a page, and goes on by `NextToken`."""

    def page_of(table, parsed, data):
        named = named_in(parsed.get("where"), table["pk_name"])
        if named is None:
            return dynamodb._partiql_select(table, parsed)
        at = int(data.get("NextToken") or 0)
        some = {key: table["items"][key] for key in named[at : at + PAGE] if key in table["items"]}
        status, headers, body = dynamodb._partiql_select({**table, "items": some}, parsed)
        if status == 200 and at + PAGE < len(named):
            body = json.dumps({**json.loads(body), "NextToken": str(at + PAGE)}, ensure_ascii=False).encode()
        return status, headers, body

    def named_in(where, pk_name):
        if not where or where[0] != "in" or where[1][:2] != ("path", [pk_name]) or where[2][0] != "options":
            return None
        values = [option[1] for option in where[2][1] if option[0] == "lit"]
        return [dynamodb._extract_key_val(value) for value in values]

    edit(
        dynamodb._execute_statement,
        swap("_partiql_select(table, parsed)", "_page_of(table, parsed, data)"),
        _page_of=page_of,
    )


@restores
def a_query_takes_as_long_as_its_answer():
    """A range of keys is compared as it stands, before anything is sorted; to read the condition anew for every item of a partition took nine tenths of the time."""
    shape = re.compile(r"\S+ = :\w+ AND (\S+) BETWEEN (:\w+) AND (:\w+)")

    def range_of(condition, values, names):
        """The sort key that a condition names, and the strings that it lies between; None for a condition of another shape."""
        parts = shape.fullmatch((condition or "").strip())
        low, high = (values.get(parts[n], {}).get("S") for n in (2, 3)) if parts else (None, None)
        return (names.get(parts[1], parts[1]), low, high) if low is not None and high is not None else None

    def in_partition(table, pk, *condition):
        items = table["items"].get(pk, {})
        sk, low, high = range_of(*condition) or (None, None, None)
        if sk is None or sk != table["sk_name"]:
            return list(items.values())
        return [item for key, item in items.items() if low <= key <= high]

    def in_range(candidates, condition, values, names):
        sk, low, high = range_of(condition, values, names) or (None, None, None)
        if sk is None:
            slot = "KeyConditionExpression"
            return [it for it in candidates if dynamodb._evaluate_condition(condition, it, values, names, slot=slot)]
        return [it for it in candidates if low <= it[sk].get("S", "") <= high]

    edit(
        dynamodb._query,
        swap(
            'candidates = list(table["items"].get(pk_val, {}).values())',
            "candidates = _in_partition(table, pk_val, key_cond, eav, ean)",
        ),
        swap(
            'candidates = [it for it in candidates if _evaluate_condition(key_cond, it, eav, ean, slot="KeyConditionExpression")]',
            "candidates = _in_range(candidates, key_cond, eav, ean)",
        ),
        _in_partition=in_partition,
        _in_range=in_range,
    )


@restores
def a_select_is_permitted_on_its_table():
    """A PartiQL `SELECT` takes `dynamodb:PartiQLSelect` on the table that it names, with the condition key `dynamodb:FullTableScan`."""
    target = re.compile(r'^\s*SELECT\b.*?\bFROM\s+"?([\w.-]+)"?(.*)$', re.IGNORECASE | re.DOTALL)

    def select_in(body):
        try:
            return target.match(json.loads(body or b"{}").get("Statement") or "")
        except (ValueError, AttributeError):
            return None

    def checks(action, body, region, account_id):
        select = select_in(body) if action == "dynamodb:ExecuteStatement" else None
        if not select:
            return None
        return [("dynamodb:PartiQLSelect", iam_actions._dynamodb_table_arn(select[1], region, account_id))]

    def scans(body):
        select = select_in(body)
        if not select:
            return {}
        table = dynamodb._tables.get(select[1]) or {}
        names_key = re.search(rf'\bWHERE\s+"?{re.escape(table.get("pk_name") or "")}"?\s*(=|IN\b)', select[2], re.IGNORECASE)
        return {"dynamodb:FullTableScan": "false" if names_key else "true"}

    edit(
        iam_actions.dynamodb_transaction_checks,
        before(
            'if iam_action not in ("dynamodb:TransactWriteItems"',
            """
            if select := _select_checks(iam_action, body, region, account_id):
                return select
            """,
        ),
        _select_checks=checks,
    )
    edit(
        iam_actions.dynamodb_service_context,
        swap("    return context\n", "    return {**context, **_scans(body)}\n"),
        _scans=scans,
    )
