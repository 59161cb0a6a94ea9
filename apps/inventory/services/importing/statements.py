"""The statements of an import. They work on the temporary tables found_host, found_group, found_member, found_child."""

from __future__ import annotations

ANALYZE = "ANALYZE found_host; ANALYZE found_group; ANALYZE found_member; ANALYZE found_child"

# a machine that the source knows by the same id keeps its row when its name changes
RENAME_HOSTS = """
UPDATE inventory_host h SET name = f.name, modified = now()
FROM (
  SELECT DISTINCT ON (h2.instance_id) h2.id, f2.name FROM inventory_host h2
  JOIN found_host f2 ON f2.instance_id = h2.instance_id
  WHERE h2.inventory_id = %(inventory)s AND h2.instance_id <> '' AND f2.name <> h2.name
    AND NOT EXISTS (SELECT 1 FROM found_host k WHERE k.name = h2.name)
    AND NOT EXISTS (SELECT 1 FROM inventory_host o WHERE o.inventory_id = %(inventory)s AND o.name = f2.name)
  ORDER BY h2.instance_id, h2.id
) AS f WHERE h.id = f.id
"""
ADD_HOSTS = """
INSERT INTO inventory_host (created, modified, name, description, inventory_id, enabled, instance_id, variables)
SELECT now(), now(), f.name, 'imported', %(inventory)s, COALESCE(f.enabled, TRUE), f.instance_id, f.variables
FROM found_host f ORDER BY f.name ON CONFLICT (inventory_id, name) DO NOTHING
"""
HOST_STATES = """
UPDATE inventory_host h SET modified = now(), enabled = COALESCE(f.enabled, h.enabled),
  instance_id = CASE WHEN f.instance_id <> '' THEN f.instance_id ELSE h.instance_id END
FROM found_host f WHERE h.inventory_id = %(inventory)s AND h.name = f.name
  AND (COALESCE(f.enabled, h.enabled) <> h.enabled OR (f.instance_id <> '' AND f.instance_id <> h.instance_id))
"""
ADD_GROUPS = """
INSERT INTO inventory_group (created, modified, name, description, inventory_id, variables)
SELECT now(), now(), f.name, 'imported', %(inventory)s, f.variables
FROM found_group f ORDER BY f.name ON CONFLICT (inventory_id, name) DO NOTHING
"""

# {table} and {found} are names from this module's callers, never text of a user
REPLACE_VARIABLES = """
UPDATE {table} t SET variables = f.variables, modified = now() FROM {found} f
WHERE t.inventory_id = %(inventory)s AND t.name = f.name AND t.variables <> f.variables
"""
FILL_VARIABLES = """
UPDATE {table} t SET variables = f.variables, modified = now() FROM {found} f
WHERE t.inventory_id = %(inventory)s AND t.name = f.name AND t.variables IN ('', '{{}}', '---') AND f.variables <> ''
"""
DIFFERING = """
SELECT t.id, t.variables, f.variables FROM {table} t JOIN {found} f ON f.name = t.name
WHERE t.inventory_id = %(inventory)s AND f.variables <> '' AND t.variables <> f.variables AND t.id > %(last)s
ORDER BY t.id LIMIT %(limit)s
"""
WRITE_VARIABLES = """
UPDATE {table} t SET variables = g.variables, modified = now()
FROM unnest(%s::bigint[], %s::text[]) AS g(id, variables) WHERE t.id = g.id
"""

LINKS = (
    """INSERT INTO inventory_group_hosts (group_id, host_id)
    SELECT DISTINCT g.id, h.id FROM found_member m
    JOIN inventory_group g ON g.inventory_id = %(inventory)s AND g.name = m.group_name
    JOIN inventory_host h ON h.inventory_id = %(inventory)s AND h.name = m.host_name
    JOIN found_host f ON f.name = h.name ON CONFLICT DO NOTHING""",
    """INSERT INTO inventory_group_children (from_group_id, to_group_id)
    SELECT DISTINCT p.id, c.id FROM found_child l
    JOIN inventory_group p ON p.inventory_id = %(inventory)s AND p.name = l.parent_name
    JOIN inventory_group c ON c.inventory_id = %(inventory)s AND c.name = l.child_name
    WHERE p.id <> c.id ON CONFLICT DO NOTHING""",
    """INSERT INTO inventory_host_inventory_sources (host_id, inventorysource_id)
    SELECT h.id, %(source)s FROM inventory_host h JOIN found_host f ON f.name = h.name
    WHERE h.inventory_id = %(inventory)s ON CONFLICT DO NOTHING""",
    """INSERT INTO inventory_group_inventory_sources (group_id, inventorysource_id)
    SELECT g.id, %(source)s FROM inventory_group g JOIN found_group f ON f.name = g.name
    WHERE g.inventory_id = %(inventory)s ON CONFLICT DO NOTHING""",
)

CUT_MEMBERS = """
DELETE FROM inventory_group_hosts l USING inventory_group g, inventory_host h,
  inventory_group_inventory_sources gs, inventory_host_inventory_sources hs
WHERE l.group_id = g.id AND l.host_id = h.id AND g.inventory_id = %(inventory)s
  AND gs.group_id = g.id AND gs.inventorysource_id = %(source)s
  AND hs.host_id = h.id AND hs.inventorysource_id = %(source)s
  AND NOT EXISTS (SELECT 1 FROM found_member m WHERE m.group_name = g.name AND m.host_name = h.name)
"""
CUT_CHILDREN = """
DELETE FROM inventory_group_children l USING inventory_group p, inventory_group c,
  inventory_group_inventory_sources ps, inventory_group_inventory_sources cs
WHERE l.from_group_id = p.id AND l.to_group_id = c.id AND p.inventory_id = %(inventory)s
  AND ps.group_id = p.id AND ps.inventorysource_id = %(source)s
  AND cs.group_id = c.id AND cs.inventorysource_id = %(source)s
  AND NOT EXISTS (SELECT 1 FROM found_child f WHERE f.parent_name = p.name AND f.child_name = c.name)
"""
UNLINK = """
DROP TABLE IF EXISTS pg_temp.gone_{what};
CREATE TEMPORARY TABLE gone_{what} (id bigint) ON COMMIT DROP;
WITH cut AS (
  DELETE FROM inventory_{what}_inventory_sources l USING inventory_{what} t
  WHERE l.{what}_id = t.id AND l.inventorysource_id = %(source)s
    AND NOT EXISTS (SELECT 1 FROM found_{what} f WHERE f.name = t.name)
  RETURNING t.id
)
INSERT INTO gone_{what} SELECT c.id FROM cut c WHERE NOT EXISTS (
  SELECT 1 FROM inventory_{what}_inventory_sources o WHERE o.{what}_id = c.id AND o.inventorysource_id <> %(source)s
)
"""
UNLINK_HOSTS = UNLINK.format(what="host")
UNLINK_GROUPS = UNLINK.format(what="group")
GONE_HOSTS = "SELECT id FROM gone_host"
GONE_GROUPS = "SELECT id FROM gone_group"
ANALYZE_RESULT = "ANALYZE inventory_host, inventory_group, inventory_group_hosts, inventory_host_inventory_sources"
