"""The only model signals of the house: what was created, changed, deleted, linked and unlinked."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import signals

from apps.conf import registry as settings_registry
from apps.conf.models import Setting
from apps.core import context
from apps.rbac.models import RoleTeamAssignment, RoleUserAssignment

from . import services, values
from .kinds import AUDITED, JOBS, KINDS
from .models import ActivityStream, kind_of
from .services import Act

LINKING = {"post_add": "associate", "pre_remove": "disassociate", "pre_clear": "disassociate"}


def connect() -> None:
    """Listen to every audited model; called once, when all models are there."""
    throughs: set[Any] = set()
    for kind in sorted(AUDITED):
        model = apps.get_model(KINDS[kind])
        if kind not in JOBS:
            signals.pre_save.connect(remember, sender=model, dispatch_uid=f"activity.pre.{kind}")
        signals.post_save.connect(saved, sender=model, dispatch_uid=f"activity.post.{kind}")
        signals.pre_delete.connect(deleted, sender=model, dispatch_uid=f"activity.delete.{kind}")
        if kind not in JOBS:
            throughs |= {relation.remote_field.through for relation in links_of(model)}
    for through in throughs:
        signals.m2m_changed.connect(linked, sender=through, dispatch_uid=f"activity.link.{through._meta.label}")
    for model in (RoleUserAssignment, RoleTeamAssignment):
        signals.post_save.connect(granted, sender=model, dispatch_uid=f"activity.grant.{model.__name__}")
        signals.pre_delete.connect(revoked, sender=model, dispatch_uid=f"activity.revoke.{model.__name__}")
    signals.pre_save.connect(remember_setting, sender=Setting, dispatch_uid="activity.setting.pre")
    signals.post_save.connect(setting_saved, sender=Setting, dispatch_uid="activity.setting.post")
    signals.pre_delete.connect(setting_deleted, sender=Setting, dispatch_uid="activity.setting.delete")
    signals.pre_delete.connect(actor_deleted, sender=apps.get_model(KINDS["user"]), dispatch_uid="activity.actor")


def links_of(model: Any) -> list[Any]:
    """The many-to-manys of a model that lead to something the stream knows."""
    return [relation for relation in model._meta.many_to_many if has_kind(relation.related_model)]


def has_kind(model: Any) -> bool:
    """Whether the stream has a word for this model."""
    try:
        kind_of(model)
    except KeyError:
        return False
    return True


# --- objects --------------------------------------------------------------------------------------------------------


def remember(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002
    """Before a change: what the row holds."""
    update_fields = kwargs.get("update_fields")
    if raw or instance._state.adding or not services.enabled() or not concerns(sender, update_fields):
        return
    instance._activity_before = values.stored(instance)


def concerns(model: Any, update_fields: Any) -> bool:
    """Whether a save of these columns could change anything that the stream tells."""
    if update_fields is None:
        return True
    names = {name for field in values.fields_of(model) for name in (field.name, field.attname)}
    return bool(names & set(update_fields))


def saved(sender: Any, instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002
    """After a save: an entry of creation, or one of what is different now."""
    before = instance.__dict__.pop("_activity_before", None)
    if raw or not services.enabled():
        return
    kind = kind_of(sender)
    about = ((kind, instance.pk),)
    if created:
        acts = [Act("create", kind, values.described(instance), about)]
        if kind == "user" and context.actor() is not None:
            # AWX stores the password of a new user in a second step; who counts entries counts that one too.
            acts.append(Act("update", kind, {"password": [values.HIDDEN, values.HIDDEN]}, about))
        services.record(acts)
    elif before is not None:
        changes = values.difference(before, instance)
        if changes:
            services.record([Act("update", kind, changes, about)])


def deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Before a deletion: what there was."""
    if services.enabled():
        kind = kind_of(sender)
        services.record([Act("delete", kind, values.described(instance), ((kind, instance.pk),))])


def actor_deleted(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Entries of a user who goes keep his name."""
    summary = {name: getattr(instance, name) for name in ("username", "first_name", "last_name")}
    ActivityStream.objects.filter(actor=instance).update(deleted_actor={"id": instance.pk} | summary)


# --- links ----------------------------------------------------------------------------------------------------------


def linked(sender: Any, instance: Any, action: str, reverse: bool, model: Any, **kwargs: Any) -> None:  # noqa: FBT001
    """A many-to-many was changed: one entry a pair."""
    operation = LINKING.get(action)
    if operation is None or not services.enabled() or not (has_kind(type(instance)) and has_kind(model)):
        return
    relation = relation_of(sender, reverse=reverse, instance=instance, model=model)
    if relation is None:
        return
    ids = kwargs.get("pk_set")
    if action == "pre_clear":
        ids = cleared(sender, relation, instance, reverse=reverse)
    services.record(pairs(relation, operation, instance, sorted(ids or ()), reverse=reverse, model=model))


def pairs(relation: Any, operation: str, instance: Any, ids: list[Any], *, reverse: bool, model: Any) -> list[Act]:
    """The acts of linking one object with several."""
    own, other = kind_of(instance.__class__), kind_of(model)
    acts = []
    for pk in ids:
        first, second = ((other, pk), (own, instance.pk)) if reverse else ((own, instance.pk), (other, pk))
        acts.append(pair(operation, first, second, relation.name.partition("_")[0], kind_of_declarer(relation)))
    return acts


def pair(operation: str, first: tuple[str, Any], second: tuple[str, Any], association: str, declarer: str) -> Act:
    """One act of linking."""
    changes = {
        "object1": first[0],
        "object1_pk": first[1],
        "object2": second[0],
        "object2_pk": second[1],
        "action": operation,
        "relationship": association,
    }
    objects = tuple(dict.fromkeys((first, second)))
    return Act(operation, first[0], changes, objects, second[0], association, declarer)


def kind_of_declarer(relation: Any) -> str:
    """The kind that has the relation, in the API's words."""
    return kind_of(relation.model) if has_kind(relation.model) else relation.model._meta.model_name


def relation_of(through: Any, *, reverse: bool, instance: Any, model: Any) -> Any:
    """The many-to-many that goes through this table."""
    owner: Any = model if reverse else type(instance)
    return next((r for r in owner._meta.many_to_many if r.remote_field.through is through), None)


def cleared(through: Any, relation: Any, instance: Any, *, reverse: bool) -> list[Any]:
    """The ids that a clear() is about to unlink."""
    here, there = relation.m2m_field_name(), relation.m2m_reverse_field_name()
    if reverse:
        here, there = there, here
    rows = through._default_manager.filter(**{here: instance.pk})
    return list(rows.values_list(f"{there}_id", flat=True))


# --- roles ----------------------------------------------------------------------------------------------------------


def granted(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:  # noqa: FBT001
    """A role was given."""
    if created and services.enabled():
        services.record([role_act("associate", instance)])


def revoked(sender: Any, instance: Any, **kwargs: Any) -> None:
    """A role was taken away; roles that go with their object or holder leave no entry."""
    if kwargs.get("origin") is instance and services.enabled():
        services.record([role_act("disassociate", instance)])


def role_act(operation: str, assignment: Any) -> Act:
    """An assignment as an act: the object gets a holder of one of its roles."""
    holder = ("user", assignment.user_id) if hasattr(assignment, "user_id") else ("team", assignment.team_id)
    model: Any = assignment.content_type.model_class() if assignment.content_type_id else None
    first = (kind_of(model), assignment.object_id) if model and has_kind(model) else ("role", assignment.object_role_id)
    act = pair(operation, first, holder, "role", first[0])
    act.objects = tuple(dict.fromkeys((*act.objects, ("role", assignment.object_role_id))))
    return act


# --- settings -------------------------------------------------------------------------------------------------------


def remember_setting(sender: Any, instance: Setting, **kwargs: Any) -> None:
    """Before a change: the old value."""
    before = None if instance._state.adding else Setting.objects.filter(pk=instance.pk).first()
    instance._activity_value = said(before) if before else None  # type: ignore[attr-defined]


def setting_saved(sender: Any, instance: Setting, created: bool, **kwargs: Any) -> None:  # noqa: FBT001
    """A setting has another value."""
    before = instance.__dict__.pop("_activity_value", None)
    if not services.enabled():
        return
    if created:
        act = Act("create", "setting", {"key": instance.key, "value": said(instance)})
    else:
        act = Act("update", "setting", {"value": [before, said(instance)]})
    act.setting = setting_name(instance)
    services.record([act])


def setting_deleted(sender: Any, instance: Setting, **kwargs: Any) -> None:
    """A setting has its default again."""
    if services.enabled():
        changes = {"key": instance.key, "value": said(instance)}
        services.record([Act("delete", "setting", changes, setting=setting_name(instance))])


def said(setting: Setting) -> Any:
    """A setting's value, unless it is a secret."""
    known = settings_registry.known(setting.key)
    if not known or settings_registry.find(setting.key).secret:
        return values.HIDDEN
    return setting.read()


def setting_name(setting: Setting) -> dict[str, str]:
    """The setting as the stream shows it."""
    known = settings_registry.known(setting.key)
    return {"name": setting.key, "category": settings_registry.find(setting.key).category if known else ""}
