using EdgeSplit.Experiments.Keys;
using EdgeSplit.Simulation.Methods;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Experiments.Comparisons;

/// <summary>One experiment as other methods have it.</summary>
public static class ComparedMethods
{
    /// <summary>The experiment of a file, as the method edgesplit has it: with its devices and who decides their cuts.</summary>
    /// <param name="path">The file, which may name any method.</param>
    /// <param name="overrides">What <c>--set</c> says.</param>
    /// <exception cref="InvalidInputException">Every fault of the file.</exception>
    public static Experiment ReadBase(string path, IReadOnlyList<string> overrides)
    {
        Experiment experiment = ExperimentFile.Read(path, overrides);
        return experiment.Training.Method == Method.EdgeSplit
            ? experiment
            : ExperimentFile.Read(path, [.. overrides, "training.method=edgesplit", "plan=edgesplit"]);
    }

    /// <summary>
    /// The experiment with another method and seed, everybody waited for: on a virtual clock nobody is late. FedProx and FedAvgM, which are
    /// variations of averaging, go with the methods that average.
    /// </summary>
    internal static Experiment Of(Experiment basis, MethodClock clock, ulong seed, int? commonCut) => basis with
    {
        Training = basis.Training.By(Vocabulary.Methods[clock.Method]) with { Seed = seed },
        Patience = new PatienceConfig(null, null),
        Plan = clock.Cuts == CutChoice.PerDevice ? basis.Plan : null,
        Devices = clock.Cuts switch
        {
            CutChoice.PerDevice => basis.Devices,
            CutChoice.Common => [.. basis.Devices.Select(device => device with { Cut = commonCut })],
            CutChoice.WholeNetwork => [.. basis.Devices.Select(device => device with { Cut = null })],
            _ => [new DeviceConfig("server", null)],
        },
        Shared = clock.Cuts == CutChoice.NoDevices ? null : basis.Shared,
    };

    /// <summary>
    /// What two methods have in common if one training stands for both: averaging comes to the same weights, bit for bit, whatever the
    /// cuts, unless what crosses them is rounded.
    /// </summary>
    internal static string MathematicsOf(string method, TrainingSpec training) =>
        Vocabulary.Methods[method].AveragesModels() && training.Encoding == TensorEncoding.Float32 ? "averaging" : method;
}
