"""Which nodes of a workflow run, which never will, and whether it failed."""

from apps.workflows.services.graph import ALWAYS, FAILURE, SUCCESS, Graph, Node


def graph(nodes, **edges):
    return Graph.of(nodes, {f"{kind}_nodes": pairs for kind, pairs in edges.items()})


def test_roots_run_first_and_children_wait():
    assert graph([Node(1), Node(2), Node(3)], success=[(1, 2)]).advance() == ([1, 3], [])


def test_success_takes_the_success_and_always_paths_and_closes_the_failure_path_to_its_end():
    found = graph(
        [Node(1, "successful"), Node(2), Node(3), Node(4), Node(5)],
        success=[(1, 2)], failure=[(1, 3)], always=[(1, 4), (3, 5)],
    )  # fmt: skip
    assert found.advance() == ([2, 4], [3, 5])


def test_a_node_without_template_takes_the_failure_path():
    assert graph([Node(1, empty=True), Node(2), Node(3)], failure=[(1, 2)], success=[(1, 3)]).advance() == ([2], [3])


def test_a_node_without_template_counts_only_once_it_is_reached():
    found = graph([Node(1, "running"), Node(2, empty=True), Node(3)], success=[(1, 2)], failure=[(2, 3)])
    assert found.advance() == ([], [])


def test_any_parent_calls_a_node_but_all_must_have_finished():
    running = graph([Node(1, "successful"), Node(2, "running"), Node(3)], success=[(1, 3), (2, 3)])
    assert running.advance() == ([], [])
    ended = graph([Node(1, "successful"), Node(2, "failed"), Node(3)], success=[(1, 3), (2, 3)])
    assert ended.advance() == ([3], [])


def test_a_converging_node_runs_only_if_every_parent_leads_to_it():
    one = graph([Node(1, "successful"), Node(2, "failed"), Node(3, converge=True)], success=[(1, 3), (2, 3)])
    assert one.advance() == ([], [3])
    both = graph([Node(1, "successful"), Node(2, "failed"), Node(3, converge=True)], success=[(1, 3)], always=[(2, 3)])
    assert both.advance() == ([3], [])


def test_a_converging_node_does_not_run_after_a_skipped_parent():
    found = graph([Node(1, "successful"), Node(2), Node(3, converge=True)], failure=[(1, 2)], always=[(1, 3), (2, 3)])
    assert found.advance() == ([], [2, 3])


def test_cycles_count_where_a_root_leads_to_them():
    assert graph([Node(1), Node(2), Node(3)], success=[(1, 2), (2, 3)], always=[(3, 2)]).has_cycle()
    assert graph([Node(1), Node(2)], success=[(1, 2), (2, 1)]).has_cycle()
    assert not graph([Node(1), Node(2), Node(3)], success=[(1, 2), (2, 1)]).has_cycle()
    assert not graph([Node(1), Node(2), Node(3)], success=[(1, 2), (1, 3)], failure=[(2, 3)]).has_cycle()


def test_a_cycle_without_a_root_never_runs():
    assert graph([Node(1), Node(2)], success=[(1, 2), (2, 1)]).advance() == ([], [])


def test_a_failure_without_a_path_fails_the_workflow():
    assert graph([Node(1, "failed"), Node(2)], success=[(1, 2)]).unhandled() == ([1], [])
    assert graph([Node(1, empty=True)]).unhandled() == ([], [1])
    assert graph([Node(1, "failed"), Node(2, "successful")], failure=[(1, 2)]).unhandled() == ([], [])
    assert graph([Node(1, "failed", skipped=True)]).unhandled() == ([], [])


def test_edges_are_followed_by_how_the_node_ended():
    assert [Node(1, "canceled").leads_by(kind) for kind in (SUCCESS, FAILURE, ALWAYS)] == [False, True, True]
