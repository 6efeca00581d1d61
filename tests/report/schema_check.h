// Validates JSON against the part of JSON Schema that docs/result.schema.json uses; anything else there is a failure.
#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace schema_check {

using Json = nlohmann::json;

inline bool is_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  FAIL("a type that JSON Schema hasn't got: ", type);
  return false;
}

// The first breach, with its path; empty if there is none.
inline std::string breach(const Json& value, const Json& schema, const std::string& path = "$") {
  for (const auto& [keyword, wanted] : schema.items()) {
    if (keyword == "type") {
      bool right = false;
      for (const Json& type : wanted.is_array() ? wanted : Json::array({wanted})) right = right || is_type(value, type);
      if (!right) return path + " is not of type " + wanted.dump();
    } else if (keyword == "const") {
      if (value != wanted) return path + " is not " + wanted.dump();
    } else if (keyword == "enum") {
      if (std::find(wanted.begin(), wanted.end(), value) == wanted.end()) return path + " is none of " + wanted.dump();
    } else if (keyword == "minimum") {
      if (value.is_number() && value < wanted) return path + " is less than " + wanted.dump();
    } else if (keyword == "required") {
      for (const Json& key : wanted)
        if (value.is_object() && !value.contains(key.get<std::string>())) return path + " lacks " + key.dump();
    } else if (keyword == "additionalProperties") {
      if (!value.is_object()) continue;
      for (const auto& [key, entry] : value.items()) {
        if (schema.contains("properties") && schema.at("properties").contains(key)) continue;
        if (wanted == false) return path + " has '" + key + "', which the schema hasn't";
        const std::string found = breach(entry, wanted, path + "." + key);
        if (!found.empty()) return found;
      }
    } else if (keyword == "properties") {
      if (!value.is_object()) continue;
      for (const auto& [key, rule] : wanted.items()) {
        if (!value.contains(key)) continue;
        const std::string found = breach(value.at(key), rule, path + "." + key);
        if (!found.empty()) return found;
      }
    } else if (keyword == "items") {
      if (!value.is_array()) continue;
      for (const Json& entry : value) {
        const std::string found = breach(entry, wanted, path + "[]");
        if (!found.empty()) return found;
      }
    } else if (keyword != "$schema" && keyword != "title" && keyword != "description") {
      return path + ": the schema says '" + keyword + "', which is not checked";
    }
  }
  return "";
}

// Every rule has a description, and every mapping says what else it may hold.
inline std::string gap(const Json& schema, const std::string& path = "$") {
  if (!schema.contains("description")) return path + " has no description";
  if (schema.contains("properties")) {
    if (schema.value("additionalProperties", Json()) != false) return path + " may hold anything";
    for (const auto& [key, rule] : schema.at("properties").items()) {
      const std::string found = gap(rule, path + "." + key);
      if (!found.empty()) return found;
    }
  }
  if (schema.contains("additionalProperties") && schema.at("additionalProperties").is_object())
    return gap(schema.at("additionalProperties"), path + ".*");
  return "";
}

}  // namespace schema_check
