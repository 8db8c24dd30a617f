/** The vendors that names of Bedrock begin with, such as `anthropic.claude-sonnet-4-5`. */
const VENDOR =
  /^(ai21|amazon|anthropic|cohere|deepseek|meta|minimax|mistral|moonshot|nvidia|openai|qwen|writer)\./;
/** An inference profile calls the model in another region, or in several. */
const REGION = /^(apac|au|ca|eu|global|jp|sa|us|us-gov)\./;
const DATE = /[-@](20\d{6}|20\d{2}-\d{2}-\d{2})$/;
const REVISION = /-v\d+(:\d+)?$|:\d+$/;

/**
 * The name of a model without what does not change its price: the ARN around it, region and vendor, date and revision,
 * and `latest`. So `us.anthropic.claude-sonnet-4-5-20250929-v1:0` is `claude-sonnet-4-5`.
 */
export function plainModelName(name: string): string {
  return name
    .toLowerCase()
    .replace(/^arn:.*\//, '')
    .replace(/^models\//, '')
    .replace(REGION, '')
    .replace(VENDOR, '')
    .replace(REVISION, '')
    .replace(DATE, '')
    .replace(/-latest$/, '');
}
