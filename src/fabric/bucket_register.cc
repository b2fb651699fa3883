#include "fabric/bucket_register.h"

#include "openflow/nicira.h"

namespace fabrix::fabric {
namespace {

openflow::HashFields hash_fields_of(net::HashKey key) {
  switch (key) {
    case net::HashKey::kFlow:
      return openflow::HashFields::kFlow;
    case net::HashKey::kSrcIp:
      return openflow::HashFields::kSrcIp;
    case net::HashKey::kDstIp:
      break;
  }
  return openflow::HashFields::kDstIp;
}

}  // namespace

unsigned bucket_offset(net::HashKey key) {
  return static_cast<unsigned>(key) * net::width_of(net::bucket_field(key));
}

openflow::OpaqueAction hash_action(net::HashKey key) {
  return openflow::hash_to_register(hash_fields_of(key), bucket_offset(key),
                                    net::width_of(net::bucket_field(key)));
}

}  // namespace fabrix::fabric
