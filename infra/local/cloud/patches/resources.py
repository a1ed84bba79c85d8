"""What CloudFormation makes of a template."""

import os

from ministack.services import apigateway, dynamodb, secretsmanager
from ministack.services.cloudformation import provisioners as cfn

from patching import edit, restores


@restores
def an_api_has_a_reachable_address():
    """`ApiEndpoint` is an address that any client reaches, the root of the stage `$default`."""
    host = f"http://{os.environ.get('MINISTACK_HOST', 'localhost')}:{os.environ.get('GATEWAY_PORT', '4566')}"

    def address(api_id):
        return f"{host}/_aws/execute-api/{api_id}/$default"

    edit(
        cfn._apigw_v2_api_create,
        ("f\"{_apigw_v2._api_endpoint_scheme(protocol)}://{api_id}.execute-api.{_MINISTACK_HOST}:"
         "{os.environ.get('GATEWAY_PORT', '4566')}\"", "_address(api_id)"),
        _address=address,
    )
    edit(
        apigateway._create_api,
        ('f"{_api_endpoint_scheme(protocol)}://{api_id}.execute-api.{_HOST}:{_PORT}"', "_address(api_id)"),
        _address=address,
    )


@restores
def an_api_has_the_cors_of_its_template():
    """`CorsConfiguration` of a template answers preflight requests."""

    def camel(properties):
        return {key[0].lower() + key[1:]: value for key, value in properties.items()}

    for function in (cfn._apigw_v2_api_create, cfn._apigw_v2_api_update):
        name = "props" if function is cfn._apigw_v2_api_create else "new_props"
        edit(
            function,
            (f'["corsConfiguration"] = {name}["CorsConfiguration"]',
             f'["corsConfiguration"] = _camel({name}["CorsConfiguration"])'),
            _camel=camel,
        )


@restores
def a_table_has_the_ttl_of_its_template():
    """`TimeToLiveSpecification` of a template is in force, also when it changes."""

    def set_ttl(name, old, new):
        specification = new.get("TimeToLiveSpecification") or {}
        if specification != (old.get("TimeToLiveSpecification") or {}) and specification.get("AttributeName"):
            dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": {
                **specification, "Enabled": cfn._cfn_bool(specification.get("Enabled"))}})

    edit(cfn._ddb_create, ('    attrs = {"Arn": arn}', '    _set_ttl(name, {}, props)\n    attrs = {"Arn": arn}'),
         _set_ttl=set_ttl)
    edit(cfn._ddb_update, ("    if len(data) > 1:", "    _set_ttl(name, old_props, new_props)\n    if len(data) > 1:"))


@restores
def a_global_table_keeps_its_items():
    """An update in place of an `AWS::DynamoDB::GlobalTable` (CDK's TableV2) without a name of its own keeps its items."""
    edit(
        cfn._ddb_global_table_update,
        ("new_props, stack_name):", "new_props, stack_name, logical_id=None):"),
        ("translated, stack_name)", "translated, stack_name, logical_id)"),
    )
    cfn._RESOURCE_HANDLERS["AWS::DynamoDB::GlobalTable"]["update_with_logical_id"] = True


@restores
def a_secret_is_referred_to_by_its_arn():
    """`Ref` of a secret is its ARN, which policies grant on."""
    handlers = cfn._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]

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

    handlers.update(create=create, update=update, delete=delete)


@restores
def an_api_hides_the_errors_of_its_functions():
    """A function that fails behind an HTTP API is a 500 with a fixed text, not a 502 with its error and trace."""
    edit(
        apigateway._invoke_lambda_proxy,
        (
            "    lambda_response, _ = lambda_svc.lambda_execute_result_to_api_proxy_response(result)\n",
            "    lambda_response, _ = lambda_svc.lambda_execute_result_to_api_proxy_response(result)\n"
            "    if result.get('error') and not result.get('throttle'):\n"
            "        lambda_response = {'statusCode': 500, 'body': '{\"message\":\"Internal Server Error\"}'}\n",
        ),
    )
