"""HTTP APIs of API Gateway."""

import os

from ministack.services import apigateway
from ministack.services.cloudformation import provisioners as cfn

from patching import after, before, edit, restores, swap


@restores
def an_api_has_a_reachable_address():
    """`ApiEndpoint` is an address that any client reaches, the root of the stage `$default`."""
    host = f"http://{os.environ.get('MINISTACK_HOST', 'localhost')}:{os.environ.get('GATEWAY_PORT', '4566')}"

    def address(api_id):
        return f"{host}/_aws/execute-api/{api_id}/$default"

    for function in (apigateway._create_api, cfn._apigw_v2_api_create):
        edit(function, before("_apis[api_id] = api", "api['apiEndpoint'] = _address(api_id)"), _address=address)


@restores
def an_api_has_the_cors_of_its_template():
    """`CorsConfiguration` of a template answers preflight requests."""

    def camel(properties):
        return {key[0].lower() + key[1:]: value for key, value in properties.items()}

    for function, props in ((cfn._apigw_v2_api_create, "props"), (cfn._apigw_v2_api_update, "new_props")):
        given = f'{props}["CorsConfiguration"]'
        edit(function, swap(f'["corsConfiguration"] = {given}', f'["corsConfiguration"] = _camel({given})'),
             _camel=camel)


@restores
def an_api_without_cors_hands_preflights_on():
    """Where an API has no CORS of its own, `OPTIONS` goes the way of any method: to the function of its route."""
    edit(apigateway._handle_execute_in_scope, swap('if method == "OPTIONS":', 'if method == "OPTIONS" and cors_cfg:'))


@restores
def an_api_hides_the_errors_of_its_functions():
    """A function that fails behind an HTTP API is a 500 with a fixed text, not a 502 with its error and trace."""
    edit(
        apigateway._invoke_lambda_proxy,
        after("lambda_response, _ =", """
            if result.get("error") and not result.get("throttle"):
                lambda_response = {"statusCode": 500, "body": '{"message":"Internal Server Error"}'}
            """),
    )


@restores
def an_api_event_has_only_what_the_request_has():
    """An HTTP API's event has `cookies` as a list and not as a header, and no pathParameters where a route has none."""
    edit(
        apigateway._invoke_lambda_proxy,
        before("if req_body is not None:", """
            if path_params is None:
                del event["pathParameters"]
            if "cookie" in event["headers"]:
                event["cookies"] = [cookie.strip() for cookie in event["headers"].pop("cookie").split(";")]
            """),
    )
