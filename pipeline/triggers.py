"""Invariants over a deal's lines and splits that hold in the database, whoever writes.

Statement-level, so that a set of rows is judged once; each locks the deals it touches, in id order, before it reads,
so that two concurrent writers can't each see half.
"""

from __future__ import annotations

import pgtrigger

PRIME_SQLSTATE = "GAM02"
AMOUNT_SQLSTATE = "GAM03"

_LOCK_DEALS = """
PERFORM 1 FROM pipeline_opportunity o WHERE o.id IN (SELECT opportunity_id FROM written)
  ORDER BY o.id FOR NO KEY UPDATE;
"""

_PRIME_IS_WHOLE = (
    _LOCK_DEALS
    + f"""
SELECT s.opportunity_id, sum(s.percent) AS total INTO culprit
  FROM pipeline_opportunitysplit s
 WHERE s.type = 'prime' AND s.opportunity_id IN (SELECT opportunity_id FROM written)
 GROUP BY s.opportunity_id HAVING sum(s.percent) <> 100 ORDER BY 1 LIMIT 1;
IF FOUND THEN
    RAISE EXCEPTION 'prime splits of opportunity % add up to % percent', culprit.opportunity_id, culprit.total
        USING ERRCODE = '{PRIME_SQLSTATE}', CONSTRAINT = 'pipeline_split_prime_whole';
END IF;
RETURN NULL;
"""
)

_AMOUNT_FOLLOWS_LINES = (
    _LOCK_DEALS
    + """
UPDATE pipeline_opportunity o SET amount = t.total
  FROM (SELECT l.opportunity_id, sum(l.amount) AS total FROM pipeline_opportunityline l
         WHERE l.opportunity_id IN (SELECT opportunity_id FROM written) GROUP BY 1) t
 WHERE o.id = t.opportunity_id AND o.amount IS DISTINCT FROM t.total;
RETURN NULL;
"""
)

_AMOUNT_EQUALS_LINES = f"""
SELECT w.id, w.amount, t.total INTO culprit
  FROM written w
  JOIN (SELECT l.opportunity_id, sum(l.amount) AS total FROM pipeline_opportunityline l
         WHERE l.opportunity_id IN (SELECT id FROM written) GROUP BY 1) t ON t.opportunity_id = w.id
 WHERE w.amount IS DISTINCT FROM t.total ORDER BY w.id LIMIT 1;
IF FOUND THEN
    RAISE EXCEPTION 'amount % of opportunity % is not the sum % of its lines', culprit.amount, culprit.id, culprit.total
        USING ERRCODE = '{AMOUNT_SQLSTATE}', CONSTRAINT = 'pipeline_opportunity_amount_is_lines';
END IF;
RETURN NULL;
"""

# One statement for all deals that change their account: a cascading foreign key would take a deal's lines along one deal
# at a time, and fire every trigger of the lines for each. Those of the lines write deals in turn: nothing is written here
# unless an account has changed, or the two would call each other for ever.
_LINES_FOLLOW = """
IF NOT EXISTS (SELECT 1 FROM fresh n JOIN stale o ON o.id = n.id WHERE o.account_id <> n.account_id) THEN
    RETURN NULL;
END IF;
UPDATE pipeline_opportunityline l SET account_id = n.account_id
  FROM fresh n JOIN stale o ON o.id = n.id AND o.account_id <> n.account_id
 WHERE l.opportunity_id = n.id AND l.account_id <> n.account_id;
RETURN NULL;
"""


def _after(operation: pgtrigger.Operation, name: str, func: str) -> pgtrigger.Trigger:
    deleted = operation == pgtrigger.Delete
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(old="written") if deleted else pgtrigger.Referencing(new="written"),
        declare=[("culprit", "RECORD")],
        func=func,
    )


def prime_is_whole() -> list[pgtrigger.Trigger]:
    """Refuse a statement that leaves a deal's prime splits at anything but 100.00 %."""
    return [
        _after(pgtrigger.Insert, "prime_whole_on_insert", _PRIME_IS_WHOLE),
        _after(pgtrigger.Update, "prime_whole_on_update", _PRIME_IS_WHOLE),
        _after(pgtrigger.Delete, "prime_whole_on_delete", _PRIME_IS_WHOLE),
    ]


def amount_follows_lines() -> list[pgtrigger.Trigger]:
    """Keep a deal's amount the sum of its lines; a deal that loses its last line keeps its amount."""
    return [
        _after(pgtrigger.Insert, "deal_amount_on_insert", _AMOUNT_FOLLOWS_LINES),
        _after(pgtrigger.Update, "deal_amount_on_update", _AMOUNT_FOLLOWS_LINES),
        _after(pgtrigger.Delete, "deal_amount_on_delete", _AMOUNT_FOLLOWS_LINES),
    ]


def amount_equals_lines() -> list[pgtrigger.Trigger]:
    """Refuse an amount of a deal with lines that is not their sum."""
    return [_after(pgtrigger.Update, "amount_is_lines_on_update", _AMOUNT_EQUALS_LINES)]


def lines_follow_deal() -> list[pgtrigger.Trigger]:
    """Let lines belong to the account of their deal when that changes."""
    return [
        pgtrigger.Trigger(
            name="lines_follow_deal",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            referencing=pgtrigger.Referencing(old="stale", new="fresh"),
            func=_LINES_FOLLOW,
        )
    ]
