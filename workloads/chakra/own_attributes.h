// Attributes of our own in traces that a Program was written to: what a Chakra trace has no words for.
//
// With them a trace plays to the picosecond as its Program did; other readers pass over them. Times are in picoseconds.
#pragma once

#include <cstdint>
#include <string_view>

namespace orrery::chakra::own {

// Of the metadata. kProgram says that the others are there.
inline constexpr std::string_view kProgram = "orrery_program";  // 1, the version of these attributes
inline constexpr std::int64_t kVersion = 1;
inline constexpr std::string_view kRanks = "orrery_ranks";      // of the whole job
inline constexpr std::string_view kRole = "orrery_role";        // name of this rank's role
inline constexpr std::string_view kStreams = "orrery_streams";  // names, by number
inline constexpr std::string_view kGridNames = "orrery_grid_names";
inline constexpr std::string_view kGridSizes = "orrery_grid_sizes";
inline constexpr std::string_view kNames = "orrery_names";              // of kernels, by number
inline constexpr std::string_view kHostOp = "orrery_host_op_ps";        // to queue one communication op
inline constexpr std::string_view kStack = "orrery_stack";              // name of the software stack
inline constexpr std::string_view kPrecision = "orrery_precision";      // of its matrix products
inline constexpr std::string_view kLaunch = "orrery_launch_ps";         // CommunicationCosts
inline constexpr std::string_view kStep = "orrery_step_ps";             // the same
inline constexpr std::string_view kEngine = "orrery_engine_share";      // the same
inline constexpr std::string_view kHbmPerByte = "orrery_hbm_per_byte";  // the same
inline constexpr std::string_view kStaggered = "orrery_staggered";      // Program::staggered, where it is
inline constexpr std::string_view kProducts = "orrery_products";        // format of products in fewer bits, if any
inline constexpr std::string_view kShare = "orrery_products_share";     // of the engine's rate in them
inline constexpr std::string_view kAsks = "orrery_asks_library";        // whether the chip's library has a say

// Of nodes.
inline constexpr std::string_view kStream = "orrery_stream";  // by number; a stream's nodes run in order of id
inline constexpr std::string_view kOp = "orrery_op";          // "delay" or "host_sync" of a CPU op
inline constexpr std::string_view kPhase = "orrery_phase";    // name; absent: other
inline constexpr std::string_view kChunk = "orrery_chunk";
inline constexpr std::string_view kMicrobatch = "orrery_microbatch";
inline constexpr std::string_view kLayer = "orrery_layer";
inline constexpr std::string_view kDuration = "orrery_duration_ps";  // alone
inline constexpr std::string_view kHbm = "orrery_hbm_bytes";
inline constexpr std::string_view kModelFlops = "orrery_model_flops";
inline constexpr std::string_view kHardwareFlops = "orrery_hardware_flops";
inline constexpr std::string_view kOtherFlops = "orrery_other_flops";    // Segment::other_flops, where there are any
inline constexpr std::string_view kVectorFlops = "orrery_vector_flops";  // where there are any
inline constexpr std::string_view kMatrix = "orrery_matrix_s";
inline constexpr std::string_view kHostTime = "orrery_host_time_ps";
inline constexpr std::string_view kHostPath = "orrery_host_path_ps";
inline constexpr std::string_view kKernels = "orrery_kernels";  // name by number, picoseconds, name, …
inline constexpr std::string_view kKind = "orrery_kind";        // of a collective, where comm_type has no word for it
inline constexpr std::string_view kBytes = "orrery_bytes";      // of a collective, as CollectiveOp has it
inline constexpr std::string_view kCopies = "orrery_copies";    // CollectiveOp::copies, where there are several
inline constexpr std::string_view kGroup = "orrery_group";      // what the group serves: "tensor"
inline constexpr std::string_view kAlgorithm = "orrery_algorithm";  // of a collective
inline constexpr std::string_view kDimension = "orrery_dimension";  // of the grid, along which a message goes

}  // namespace orrery::chakra::own
