-- SPDX-License-Identifier: MIT
--- Bringing the tags of a resource into line with the fewest calls.
-- @module appintegrations.helpers.tags

local errors = require "appintegrations.base.errors"
local helper = require "appintegrations.helpers.options"
local math = require("appintegrations.base.compat").math
local names = require "appintegrations.base.names"
local printing = require "appintegrations.base.printing"
local options_of = require "appintegrations.config.options"

local M = {}

local NOTHING = {}

local TAG_OPTIONS = helper.rules { validate = options_of.CALL.validate }

local CHANGES = printing.new_metatable("TagChanges", { "added", "removed" }, { removed = true })

-- So many tags a resource, a TagResource and an UntagResource can have.
local MAX_TAGS = 200

--- What has to be done to make CURRENT equal to WANTED: tags to set, keys to remove. Tags that
-- begin with "aws:" are AWS's own: nobody else can remove them.
local function tag_changes(current_tags, wanted)
  local added, removed = {}, {}
  for key, value in pairs(wanted) do
    if current_tags[key] ~= value then
      added[key] = value
    end
  end
  for _, key in ipairs(names.sorted(current_tags)) do
    if wanted[key] == nil and not key:find("^aws:") then
      removed[#removed + 1] = key
    end
  end
  return added, removed
end

--- Calls OPERATION for each slice of KEYS that one call can take; PARAMS_OF makes its parameters.
local function in_slices(client, operation, keys, params_of, within)
  for first = 1, #keys, MAX_TAGS do
    local slice = {}
    for i = first, math.min(first + MAX_TAGS - 1, #keys) do
      slice[#slice + 1] = keys[i]
    end
    local options, err = within()
    local done
    if options then
      done, err = client[operation](client, params_of(slice), options)
    end
    if not done then
      return nil, err
    end
  end
  return true
end

local function add_tags(client, arn, added, within)
  return in_slices(client, "tag_resource", names.sorted(added), function(keys)
    local tags = {}
    for _, key in ipairs(keys) do
      tags[key] = added[key]
    end
    return { resourceArn = arn, tags = tags }
  end, within)
end

local function remove_tags(client, arn, removed, within)
  return in_slices(client, "untag_resource", removed, function(keys)
    return { resourceArn = arn, tagKeys = keys }
  end, within)
end

--- Makes CURRENT tags of the resource ARN equal to WANTED.
---@param client appintegrations.Client
---@param arn string
---@param current_tags table<string, string>
---@param wanted table<string, string>
---@param within fun(): table?, appintegrations.Error?  the options of one call
---@return { added: table<string, string>, removed: string[] }? changes
---@return appintegrations.Error? err
function M.bring_into_line(client, arn, current_tags, wanted, within)
  local added, removed = tag_changes(current_tags, wanted)
  local steps = { { add_tags, added }, { remove_tags, removed } }
  local count = #names.sorted(wanted)
  if count + #removed > MAX_TAGS and count <= MAX_TAGS then -- more are refused: nothing goes first
    steps = { steps[2], steps[1] }
  end
  for _, step in ipairs(steps) do
    local done, err = step[1](client, arn, step[2], within)
    if not done then
      return nil, err
    end
  end
  return setmetatable({ added = added, removed = removed }, CHANGES)
end

--- Whether TAGS are what a program may pass; raises at LEVEL otherwise.
local function check_tags(tags, level)
  helper.expect(tags, "table", "sync_tags: the tags", level + 1)
  for key, value in pairs(tags) do
    helper.expect(key, "string", "sync_tags: a tag's key", level + 1)
    helper.expect(value, "string", "sync_tags: " .. key, level + 1)
  end
end

--- Makes the tags of the resource ARN equal to TAGS, with one call to read and at most one each
-- to set and to remove. Sets before it removes, so that no tag is missing in between, unless the
-- resource cannot hold them all at once. Tags that begin with "aws:" stay.
-- After an error the work may be half done; doing it again completes it.
---@param client appintegrations.Client
---@param arn string
---@param tags table<string, string>
---@param options? appintegrations.CallOptions  without extra; the deadline is that of the whole
---@return { added: table<string, string>, removed: string[] }? changes  `added`: new or with
---                                           another value; `removed`: keys, sorted
---@return appintegrations.Error? err
function M.sync_tags(client, arn, tags, options)
  helper.expect(arn, "string", "sync_tags: the ARN", helper.PROGRAM)
  check_tags(tags, helper.PROGRAM)
  options = helper.checked(options, TAG_OPTIONS, "sync_tags", helper.PROGRAM)
  local within = helper.within(client, options, options.deadline or client.config.deadline,
    "sync_tags")
  local output, err = client:list_tags_for_resource({ resourceArn = arn }, within())
  if not output then
    return nil, err
  end
  local current_tags = output.tags == nil and NOTHING or output.tags
  if type(current_tags) ~= "table" then
    return nil, errors.new {
      kind = "response", code = "InvalidResponse", operation = "sync_tags",
      message = "tags in the answer is a " .. type(current_tags) .. ", no map",
    }
  end
  local changes
  changes, err = M.bring_into_line(client, arn, current_tags, tags, within)
  return changes, err
end

return M
