// Finds the cluster that a word names.
#include "tools/orrery/cluster_file.h"

namespace orrery {

void ClusterRequest::declare(CLI::App& command) {
  command
      .add_option("file", file,
                  "a cluster: a YAML file, or a name that `orrery list clusters` prints; or a scenario's file")
      ->required()
      ->type_name("FILE");
  command.add_option("--chips", chips, "just as many nodes as hold this many chips (default: the whole cluster)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 24U))
      ->type_name("N");
}

Cluster ClusterRequest::load(const Library& library) const {
  const bool is_file = file.ends_with(".yaml") || file.find('/') != std::string::npos;
  yaml::Node node = is_file ? yaml::load(file) : library.open("topology/clusters", file);
  if (const auto cluster = yaml::Map(node, "a cluster").optional("cluster")) node = *cluster;
  return load_cluster(library, node, chips);
}

}  // namespace orrery
