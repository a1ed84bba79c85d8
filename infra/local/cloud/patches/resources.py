"""What CloudFormation makes of a template: tables and secrets."""

from ministack.services import dynamodb, secretsmanager
from ministack.services.cloudformation import provisioners as cfn

from patching import before, edit, restores, swap


@restores
def a_table_has_the_ttl_of_its_template():
    """`TimeToLiveSpecification` of a template is in force, also when it changes."""

    def set_ttl(name, old, new):
        specification = new.get("TimeToLiveSpecification") or {}
        if specification != (old.get("TimeToLiveSpecification") or {}) and specification.get("AttributeName"):
            enabled = cfn._cfn_bool(specification.get("Enabled"))
            dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": {**specification, "Enabled": enabled}})

    edit(cfn._ddb_create, before('attrs = {"Arn": arn}', "_set_ttl(name, {}, props)"), _set_ttl=set_ttl)
    edit(cfn._ddb_update, before("if len(data) > 1:", "_set_ttl(name, old_props, new_props)"))


@restores
def a_global_table_keeps_its_items():
    """An update in place of an `AWS::DynamoDB::GlobalTable` (CDK's TableV2) keeps its items, named or not."""
    edit(
        cfn._ddb_global_table_update,
        swap("new_props, stack_name):", "new_props, stack_name, logical_id=None):"),
        swap("translated, stack_name)", "translated, stack_name, logical_id)"),
    )
    cfn._RESOURCE_HANDLERS["AWS::DynamoDB::GlobalTable"]["update_with_logical_id"] = True


@restores
def a_secret_is_referred_to_by_its_arn():
    """`Ref` of a secret is its ARN, which policies grant on."""

    def name_of(arn):
        return next((name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), arn)

    def create(logical_id, props, stack_name):
        _name, attributes = cfn._sm_secret_create(logical_id, props, stack_name)
        return attributes["Arn"], attributes

    def update(arn, old_props, new_props, stack_name, logical_id=None):
        _name, attributes = cfn._sm_secret_update(name_of(arn), old_props, new_props, stack_name, logical_id)
        return attributes["Arn"], attributes

    def delete(arn, props):
        cfn._sm_secret_delete(name_of(arn), props)

    cfn._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"].update(create=create, update=update, delete=delete)
