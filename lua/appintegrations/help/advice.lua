-- SPDX-License-Identifier: MIT
--- What the client's own error codes mean, and what to do about them and about the service's:
-- for help and for the command.
-- @module appintegrations.help.advice

local M = {}

---@class appintegrations.Advice
---@field kind string    err.kind
---@field means string
---@field advice string  what to do

--- By error code, those of the client itself.
---@type table<string, appintegrations.Advice>
M.CODES = {
  ParamValidationError = {
    kind = "validation",
    means = "The parameters break a rule of the service; nothing was sent. err.details lists "
      .. "every place.",
    advice = "Correct what err.details names; help(OPERATION) tells types and limits. If the "
      .. "service has become more liberal than this version, pass validate = false, or members "
      .. "that are new in options.extra.",
  },
  ImmutableMember = {
    kind = "validation",
    means = "ensure_… or apply would have to change what the service does not let anybody change.",
    advice = "Name the member in options.ignore, or delete the resource and create it anew.",
  },
  NoRegion = {
    kind = "config",
    means = "No source says which region to call.",
    advice = 'Pass region = "us-east-1", set AWS_REGION, or write region into the profile.',
  },
  ProfileNotFound = {
    kind = "config",
    means = "The profile that was asked for stands in neither configuration file.",
    advice = "Compare AWS_PROFILE or the option profile with the section names in ~/.aws/config "
      .. "and ~/.aws/credentials.",
  },
  InvalidConfig = {
    kind = "config",
    means = "A setting cannot be used; the message names it and where it came from.",
    advice = "Correct the setting at the place that the message names.",
  },
  NoCredentials = {
    kind = "credentials",
    means = "No provider of the chain has credentials.",
    advice = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, run `aws sso login` or `aws login`, "
      .. "or give the machine a role. client:explain() tells why each source was skipped.",
  },
  CredentialsExpired = {
    kind = "credentials",
    means = "The credentials that were found have expired, and cannot be refreshed.",
    advice = "Log in again (`aws sso login`, `aws login`), or renew what stands in the "
      .. "environment.",
  },
  CredentialsProviderError = {
    kind = "credentials",
    means = "A provider that is configured has failed; the message names it.",
    advice = "Read the message, then err.cause; client:explain() shows the whole chain.",
  },
  ConnectionError = {
    kind = "transport",
    means = "No connection came about, or it broke before the whole answer was there.",
    advice = "Check that the endpoint can be reached from here: firewall, VPC endpoint, proxy "
      .. "(HTTPS_PROXY, NO_PROXY), and endpoint_url if it is set.",
  },
  DNSError = {
    kind = "transport",
    means = "The name of the endpoint's host is unknown.",
    advice = "Check the spelling of the region, and name resolution on this machine.",
  },
  TLSError = {
    kind = "transport",
    means = "The TLS connection failed; mostly the certificate is not one that is trusted here.",
    advice = "Behind a proxy that opens TLS, name its certificate with ca_bundle or AWS_CA_BUNDLE; "
      .. "check the machine's clock; install ca-certificates.",
  },
  ProxyError = {
    kind = "transport",
    means = "The proxy cannot be reached, or refuses.",
    advice = "Check HTTPS_PROXY with user and password; proxy = false goes without one.",
  },
  ConnectTimeout = {
    kind = "timeout",
    means = "No connection stood after connect_timeout seconds (3.1 unless set).",
    advice = "A firewall that drops packets looks like this: check that the endpoint can be "
      .. "reached from here, and proxies.",
  },
  AttemptTimeout = {
    kind = "timeout",
    means = "One attempt took longer than timeout seconds (30 unless set).",
    advice = "Pass a longer timeout, or look at err.timings for where the time went.",
  },
  DeadlineExceeded = {
    kind = "timeout",
    means = "The whole call took longer than deadline; the message says what the time went into.",
    advice = "Pass a longer deadline. What was sent may have been done: creating again with the "
      .. "same ClientToken does no harm.",
  },
  InvalidResponse = {
    kind = "response",
    means = "A complete answer is not what the service sends.",
    advice = "Something between here and the service answers in its place, mostly a proxy or a "
      .. "login page of a network; check endpoint_url.",
  },
  ResponseTooLarge = {
    kind = "response",
    means = "The answer is longer than max_response_bytes (16 MiB unless set).",
    advice = "Ask for smaller pages (MaxResults), or allow more.",
  },
  RepeatedToken = {
    kind = "pagination",
    means = "The service handed out the same page token twice; going on would never end.",
    advice = "Begin the listing anew; iterator.next_token tells where it stood.",
  },
  Cancelled = {
    kind = "cancelled",
    means = "The program has cancelled the call or its task.",
    advice = "Nothing is to be done. What was sent may have been done.",
  },
  TaskFailed = {
    kind = "task",
    means = "A function that ran as a task has raised an error; err.cause is what it raised.",
    advice = "Correct the function; the message has the place.",
  },
  Deadlock = {
    kind = "task",
    means = "All tasks wait for one another.",
    advice = "Look for a task that waits for its own result, or for one that waits for it.",
  },
  ExecutionFailed = {
    kind = "service",
    means = "wait_for_execution has seen the run end as FAILED; err.association is what it saw.",
    advice = "The message is the service's: correct source, destination or permissions, then "
      .. "start a run with update_data_integration_association.",
  },
}

--- By error code of the service: what to do. What they mean stands in the service description.
---@type table<string, string>
M.SERVICE = {
  AccessDeniedException = "Add the action to the policy of the role or user that "
    .. "client:explain() shows; for KmsKey, the key's policy must allow it too.",
  ConflictException = "Read the resource again and repeat the change.",
  DuplicateResourceException = "Take another name, or update what has it: find_… tells which.",
  InternalServiceError = "Wait, then try again; if it stays, tell AWS the request's id.",
  InvalidRequestException = "Compare the message and err.details with help(OPERATION).",
  ResourceNotFoundException = "Check the identifier, and region and account (client:explain()); "
    .. "the listings show what there is.",
  ResourceQuotaExceededException = "Delete what is not needed, or ask for a higher quota.",
  ThrottlingException = 'Make fewer calls at once; retry_mode = "adaptive" finds the rate.',
  UnsupportedOperationException = "Look at the application's ApplicationType.",
}

-- What other codes come down to, by their beginnings: those of signatures, and HTTP statuses.
local OTHERS = {
  { "UnrecognizedClientException", "The access key is unknown: check which credentials "
    .. "client:explain() shows, and that a session token belongs to them." },
  { "InvalidSignatureException", "The secret key does not belong to the access key, or "
    .. "something between here and the service changes requests." },
  { "ExpiredToken", "The session has expired: log in again." },
  { "5", "The service, or what stands before it, is unwell: wait, then try again." },
  { "4", "Something between here and the service refuses: check proxy and endpoint_url." },
}

--- What to do about the error CODE; nil if nothing is known.
---@param code string
---@return string?
---@nodiscard
function M.of(code)
  if M.CODES[code] then
    return M.CODES[code].advice
  elseif M.SERVICE[code] then
    return M.SERVICE[code]
  end
  for _, other in ipairs(OTHERS) do
    if code:sub(1, #other[1]) == other[1] then
      return other[2]
    end
  end
end

-- What a program would do, and what stands for that in a shell.
local IN_SHELL = {
  { 'Pass region = "us-east-1"', "Pass --region us-east-1" },
  { "the option profile", "--profile" },
  { "Read the message, then err.cause; ", "Read the message; " },
  { ", and endpoint_url if it is set", ", and --endpoint-url if it is given" },
  { "with ca_bundle or AWS_CA_BUNDLE", "with --ca-bundle or AWS_CA_BUNDLE" },
  { "; proxy = false goes without one", "; NO_PROXY names hosts that are reached without one" },
  { "a longer timeout, or look at err.timings for", "a longer --timeout, or look with --debug at" },
  { "a longer deadline", "a longer --deadline" },
  { "check endpoint_url", "check --endpoint-url" },
  { "check proxy and endpoint_url", "check HTTPS_PROXY and --endpoint-url" },
  { "(MaxResults), or allow more", "(--max-results)" },
  { "; iterator.next_token tells where it stood", "" },
  { "Name the member in options.ignore", "Name the member with --ignore" },
  { "with update_data_integration_association", "with update-data-integration-association" },
  { "the message and err.details", "the message" },
  { ": find_… tells which", "" },
  { 'retry_mode = "adaptive"', "AWS_RETRY_MODE=adaptive" },
  { "client:explain() shows", "`appintegrations doctor` shows" },
  { "client:explain() tells", "`appintegrations doctor` tells" },
  { "(client:explain())", "(`appintegrations doctor`)" },
}

--- TEXT with the second of each of PAIRS in the place of the first, wherever that stands.
local function replaced(text, pairs_of_words)
  for _, pair in ipairs(pairs_of_words) do
    text = text:gsub((pair[1]:gsub("[-.()%[%]*+?^$%%]", "%%%0")), pair[2])
  end
  return text
end

-- What messages and explanations say of options, and the command has flags for.
local MESSAGES_IN_SHELL = {
  { "options.extra", "--extra" }, { "the member in the option ignore", "the member with --ignore" },
  { 'pass region = "us-east-1"', "pass --region us-east-1" },
  { ", or pass the option credentials", "" }, { "option region", "--region" },
  { "the option profile", "--profile" }, { "option profile", "--profile" },
  { "option endpoint_url", "--endpoint-url" },
  { "option ca_bundle", "--ca-bundle" }, { "option max_attempts", "--max-attempts" },
  { "option timeout", "--timeout" }, { "option deadline", "--deadline" },
}

--- TEXT of an error or an explanation in the words of the command.
---@param text string
---@return string
---@nodiscard
function M.message_for_shell(text)
  return replaced(text, MESSAGES_IN_SHELL)
end

--- What M.of says, in the words of the command.
---@param code string
---@param operation? string  that failed
---@return string?
---@nodiscard
function M.for_shell(code, operation)
  local text = M.of(code)
  if not text then
    return nil
  end
  return (replaced(text, IN_SHELL):gsub("help%(OPERATION%)",
    ("`appintegrations help %s`"):format(operation and operation:gsub("_", "-") or "OPERATION")))
end

return M
