#include "provider/service/starter_service.h"

namespace slsart::provider::service {
namespace {

constexpr std::string_view kHead =
    R"(# What `slsart deploy` brings into being. Change it as you like, then deploy again.
#
# The format is that of the Serverless Framework, of which slsart reads the part that concerns one
# function (docs/serverless-yml.md). A key that it does not know is told when you deploy.

# Name of the service: everything that is deployed is called after it and after the stage. Another
# name is another deployment beside the old one.
service: )";

constexpr std::string_view kRest = R"(

provider:
  name: aws
  iamRoleStatements:
    # A run of any length is carried on by a new invocation of the function.
    - Effect: 'Allow'
      Action:
        - 'lambda:InvokeFunction'
      Resource:
        'Fn::Join':
          - ':'
          -
            - 'arn:aws:lambda'
            - Ref: 'AWS::Region'
            - Ref: 'AWS::AccountId'
            - 'function'
            - '${self:service}-${opt:stage, self:provider.stage}-loadGenerator*'
    # Alerts of monitoring go to the topic below.
    - Effect: 'Allow'
      Action:
        - 'sns:Publish'
      Resource:
        Ref: monitoringAlerts
functions:
  loadGenerator: # keep this name
    handler: handler.handler    # has no effect: the function is the program itself
    memorySize: 1024            # MB; more memory is more processor, too
    timeout: 300                # seconds; at most 900
    environment:
      TOPIC_ARN:
        Ref: monitoringAlerts
      TOPIC_NAME:
        'Fn::GetAtt':
          - monitoringAlerts
          - TopicName
    events:
      - schedule:
          name: '${self:service}-${opt:stage, self:provider.stage}-monitoring' # keep this name
          description: Starts the function in monitoring mode
          rate: rate(1 minute)
          # Before you set this to true:
          # 0. `'>>'` below names the script. It lies in this folder and travels with `slsart deploy`.
          # 1. Let its scenarios use everything of your service that must not break.
          # 2. Give its requests a `match` (or `expect`) that says what a good answer is.
          # 3. Below, uncomment `Subscription` and say who is to be told.
          # 4. `slsart deploy`. Confirm the subscription when the mail comes.
          enabled: false
          input:
            '>>': script.yml
            mode: monitoring
resources:
  Resources:
    monitoringAlerts: # keep this name
      Type: 'AWS::SNS::Topic'
      Properties:
        DisplayName: '${self:service} Monitoring Alerts'
#        Subscription: # docs at https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-sns-subscription.html
#          - Endpoint: http://<host>/<path> # a URL beginning with "http://"
#            Protocol: http
#          - Endpoint: https://<host>/<path> # a URL beginning with "https://"
#            Protocol: https
#          - Endpoint: <target>@<host> # an email address
#            Protocol: email
#          - Endpoint: <target>@<host> # an email address
#            Protocol: email-json
#          - Endpoint: <phone-number> # of a device that receives SMS
#            Protocol: sms
#          - Endpoint: <sqs-queue-arn> # the ARN of an Amazon SQS queue
#            Protocol: sqs
#          - Endpoint: <endpoint-arn> # the EndpointArn of a mobile app and device
#            Protocol: application
#          - Endpoint: <lambda-arn> # the ARN of an AWS Lambda function
#            Protocol: lambda
#          - Endpoint: <folder>/<file> # a file that alerts are appended to; emulated provider only
#            Protocol: file
)";

}  // namespace

std::string starter_service(std::string_view service) {
  return std::string(kHead).append(service).append(kRest);
}

std::string random_service_name(std::uint64_t random) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view kAll =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::string name = std::string(kBuiltInService) + "-";
  name += kLetters[random % kLetters.size()];
  random /= kLetters.size();
  for (int i = 0; i < 9; ++i, random /= kAll.size()) name += kAll[random % kAll.size()];
  return name;
}

std::string starter_note() {
  return R"(# Load tests with slsart

- `script.yml`: what is fired. `slsart invoke` takes it from here; an edit needs no new deployment.
- `serverless.yml`: what is deployed: the function's memory and time, its environment, monitoring and its alerts.
  After an edit: `slsart deploy`.

Files that scripts need (CSV, JavaScript) may lie beside them.

    slsart check script.yml     is the script right?
    slsart deploy               bring the function into being
    slsart invoke -a            every scenario once, passed or failed
    slsart invoke               the load of the script, one report
    slsart remove               take everything away again

Put `--stage NAME` behind each to have several of them side by side.
)";
}

}  // namespace slsart::provider::service
