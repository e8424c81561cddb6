using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Models.Files;
using EdgeSplit.Models.Zoo;
using EdgeSplit.Numerics;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments;

/// <summary>What can only be judged once the network and the data are known: cuts against blocks, devices against samples.</summary>
public static class ExperimentChecks
{
    private const int MostBlocksNamed = 12;

    /// <summary>Every fault, each at the place of its key; empty if there is none.</summary>
    /// <param name="experiment">The experiment as read.</param>
    /// <param name="network">Its network, for the shape and classes of its data.</param>
    /// <param name="trainSamples">Training samples there are to deal; null where that is not known yet.</param>
    public static IReadOnlyList<Fault> Check(Experiment experiment, Network network, int? trainSamples) =>
    [
        .. CheckCuts(experiment, network),
        .. CheckPartition(experiment, network.Spec.Classes, trainSamples),
        .. CheckAugmentation(experiment, network),
    ];

    /// <summary>The part of <see cref="Check"/> that asks for the data only: devices and partition against samples and classes.</summary>
    /// <exception cref="InvalidInputException">They do not go together: every fault.</exception>
    public static void RequireData(Experiment experiment, int trainSamples, int classes)
    {
        Fault[] faults = [.. CheckPartition(experiment, classes, trainSamples)];
        if (faults.Length > 0)
            throw new InvalidInputException(faults);
    }

    /// <exception cref="InvalidInputException"><see cref="Check"/> finds something.</exception>
    public static void Require(Experiment experiment, Network network, int? trainSamples)
    {
        IReadOnlyList<Fault> faults = Check(experiment, network, trainSamples);
        if (faults.Count > 0)
            throw new InvalidInputException(faults);
    }

    /// <summary>
    /// As much of <see cref="Check"/> as the experiment alone allows, so that its faults come with the file's others: with
    /// a network of the zoo, and data whose shape and size are known before it is loaded.
    /// </summary>
    internal static IReadOnlyList<Fault> CheckWithoutData(Experiment experiment)
    {
        if (DataFacts.Of(experiment.Data) is not DataFacts facts || experiment.Model is { Zoo: null, File: null })
            return [];
        try
        {
            return Check(experiment, BuildNetwork(experiment, facts.SampleShape, facts.Classes), facts.TrainSamples);
        }
        catch (InvalidInputException invalid)
        {
            return invalid.Faults;
        }
    }

    /// <summary>The experiment's network for samples of a shape and a number of classes.</summary>
    /// <exception cref="InvalidInputException">It does not fit them, or its file is wrong: every fault.</exception>
    public static Network BuildNetwork(Experiment experiment, Shape input, int classes)
    {
        ModelChoice model = experiment.Model;
        if (model.File is string file)
            return new Network(ModelFile.Read(file, input, classes));
        try
        {
            return new Network(ModelZoo.Create(model.Zoo ?? "", input, classes, model.Dropout));
        }
        catch (InvalidInputException invalid)
        {
            string place = experiment.Places.Of("model");
            throw new InvalidInputException([.. invalid.Faults.Select(fault => new Fault(
                place, $"{model.Zoo} does not fit samples of shape {input}: {fault.Problem}", fault.Remedy))]);
        }
    }

    private static IEnumerable<Fault> CheckCuts(Experiment experiment, Network network)
    {
        bool isCommon = experiment.Training.Method.HasCommonCut();
        HashSet<string> told = [];
        for (int index = 0; index < experiment.Devices.Count; index++)
        {
            if (experiment.Devices[index].Cut is not int cut || (cut >= 1 && cut <= network.Length))
                continue;
            string place = isCommon ? experiment.Places.Of("training.cut") : experiment.Places.OfCut(index);
            if (told.Add(place))
            {
                string whose = isCommon ? "" : $" of '{experiment.Devices[index].Name}'";
                yield return new Fault(
                    place,
                    $"cut {cut}{whose} is outside 1..{network.Length}",
                    $"{network.Spec.Name} has {network.Length} blocks: {BlocksOf(network)}");
            }
        }
    }

    private static string BlocksOf(Network network) =>
        network.Length <= MostBlocksNamed
            ? string.Join(", ", network.Blocks.Select(block => $"{block.Number} {block.Name}"))
            : $"1 {network.Blocks[0].Name} to {network.Length} {network.Blocks[^1].Name}; 'edgesplit models show' lists them";

    private static IEnumerable<Fault> CheckPartition(Experiment experiment, int classes, int? trainSamples)
    {
        int devices = experiment.Devices.Count;
        if (trainSamples < devices)
        {
            yield return new Fault(
                experiment.Places.Of("fleet.devices"),
                $"there are {devices} devices for {trainSamples} training samples",
                "use fewer devices, or more samples (data.trainSamples)");
        }
        else if (MinimumOf(experiment.Partition) is int minimum && trainSamples < (long)minimum * devices)
        {
            yield return new Fault(
                experiment.Places.Of("data.partition"),
                $"{trainSamples} training samples do not give each of {devices} devices {minimum}",
                $"set minimumSamples to {trainSamples / devices} or less, or use more samples (data.trainSamples)");
        }

        if (experiment.Partition is PartitionSpec.ClassesPerDevice(int each) && each > classes)
        {
            yield return new Fault(
                experiment.Places.Of("data.partition"),
                $"there are {classes} classes, not {each} for each device",
                $"set classesPerDevice to {classes} or less");
        }
    }

    private static int? MinimumOf(PartitionSpec partition) => partition switch
    {
        PartitionSpec.Dirichlet dirichlet => dirichlet.MinimumSamples,
        PartitionSpec.SizeSkew skew => skew.MinimumSamples,
        _ => null,
    };

    private static IEnumerable<Fault> CheckAugmentation(Experiment experiment, Network network)
    {
        if (network.Spec.Input.Rank != 3 && experiment.Data.Augmentation != new AugmentationSpec())
        {
            yield return new Fault(
                experiment.Places.Of("data.augment"), $"samples of shape {network.Spec.Input} are no images to crop or flip", "remove it");
        }
    }
}
