using EdgeSplit.Numerics;
using EdgeSplit.Planning;

namespace EdgeSplit.Tests.Planning;

/// <summary>A problem as a record, so that tests can change it, and random ones with ties, zeros, caps, memory and twins.</summary>
internal sealed record RandomProblem(IReadOnlyList<Resource> Resources, IReadOnlyList<RandomDevice> Devices)
{
    public Problem ToProblem()
    {
        ProblemDraft draft = new(Resources);
        for (int index = 0; index < Devices.Count; index++)
        {
            RandomDevice device = Devices[index];
            draft.AddDevice($"d{index}", device.Memory);
            for (int resource = 0; resource < Resources.Count; resource++)
            {
                if (double.IsFinite(device.Caps[resource]))
                    draft.SetCap(resource, device.Caps[resource]);
            }

            foreach (RandomCut cut in device.Cuts)
            {
                draft.AddCut(cut.Number, cut.Seconds, cut.Memory);
                for (int resource = 0; resource < Resources.Count; resource++)
                    draft.SetDemand(resource, cut.Demand[resource]);
            }
        }

        return draft.ToProblem();
    }

    /// <param name="seed">Which one.</param>
    /// <param name="devices">How many.</param>
    /// <param name="cuts">Of each device.</param>
    /// <param name="reserved">Reserved resources.</param>
    /// <param name="workConserving">Resources after those.</param>
    /// <param name="isPlain">No zero demands, caps, memory limits or twins.</param>
    public static RandomProblem Of(ulong seed, int devices, int cuts, int reserved, int workConserving = 0, bool isPlain = false)
    {
        SeededRandom random = new(seed, 77);
        int count = reserved + workConserving;
        Resource[] resources = [.. Enumerable.Range(0, count).Select(index => new Resource(
            $"r{index}", isPlain ? 1 : 0.5 + (random.NextInt(4) * 0.5), index < reserved ? Sharing.Reserved : Sharing.WorkConserving))];
        List<RandomDevice> made = [];
        for (int device = 0; device < devices; device++)
        {
            if (!isPlain && device > 0 && random.NextInt(5) == 0)
            {
                made.Add(made[random.NextInt(device)]);
                continue;
            }

            bool isWhole = !isPlain && random.NextInt(2) == 0;
            double Draw(double scale) => isWhole ? random.NextInt((int)scale + 1) : random.NextDouble() * scale;
            double[] caps = [.. Enumerable.Range(0, count).Select(index =>
                !isPlain && index < reserved && random.NextInt(4) == 0 ? 0.05 + random.NextDouble() : double.PositiveInfinity)];
            double memory = !isPlain && random.NextInt(4) == 0 ? 0.5 + random.NextDouble() : double.PositiveInfinity;
            made.Add(new RandomDevice(memory, caps, [.. Enumerable.Range(1, cuts).Select(number => new RandomCut(
                number, Draw(12), number == 1 ? 0.1 : random.NextDouble(), [.. Enumerable.Range(0, count).Select(index =>
                    !isPlain && random.NextInt(6) == 0 ? 0 : Draw(12) + (isPlain ? 0.01 : 0))]))]));
        }

        return new RandomProblem(resources, made);
    }
}

internal sealed record RandomDevice(double Memory, double[] Caps, IReadOnlyList<RandomCut> Cuts);

internal sealed record RandomCut(int Number, double Seconds, double Memory, double[] Demand);
