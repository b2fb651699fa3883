#include "exchange/policy_words.h"

namespace fabrix::exchange {

std::string_view name_of(Dialling dialling) {
  return dialling == Dialling::kActive ? "active" : "passive";
}

std::string_view name_of(NextHopRule rule) {
  switch (rule) {
    case NextHopRule::kStrict:
      return "strict";
    case NextHopRule::kSameAs:
      return "same-as";
    case NextHopRule::kAnyOnLan:
      return "any";
  }
  return "unknown";
}

std::string_view name_of(LimitAction action) {
  switch (action) {
    case LimitAction::kWarn:
      return "warn";
    case LimitAction::kBlock:
      return "block";
    case LimitAction::kShutdown:
      return "shutdown";
    case LimitAction::kRestart:
      return "restart";
  }
  return "unknown";
}

std::string_view name_of(RpkiRule rule) {
  switch (rule) {
    case RpkiRule::kOff:
      return "off";
    case RpkiRule::kMark:
      return "mark";
    case RpkiRule::kRejectInvalid:
      return "reject-invalid";
  }
  return "unknown";
}

std::string_view name_of(PolicyPreset preset) {
  switch (preset) {
    case PolicyPreset::kNone:
      return "none";
    case PolicyPreset::kMinimal:
      return "minimal";
    case PolicyPreset::kIxp:
      return "ixp";
    case PolicyPreset::kStrict:
      return "strict";
  }
  return "unknown";
}

std::string_view name_of(FlowSpecScope scope) {
  return scope == FlowSpecScope::kEveryone ? "everyone" : "nobody";
}

std::string_view name_of(FabricType type) {
  return type == FabricType::kLinux ? "linux" : "openflow";
}

std::string_view name_of(SwitchRole role) {
  return role == SwitchRole::kCore ? "core" : "edge";
}

std::string_view name_of(SourceCheck mode) {
  switch (mode) {
    case SourceCheck::kOff:
      return "off";
    case SourceCheck::kCount:
      return "count";
    case SourceCheck::kDrop:
      return "drop";
  }
  return "unknown";
}

}  // namespace fabrix::exchange
