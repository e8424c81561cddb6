using System.Text.Json;

namespace EdgeSplit.Planning;

/// <summary>Reads the devices of a problem into its draft.</summary>
internal sealed class DeviceReader(JsonTokens tokens, ProblemFields fields)
{
    private static readonly string[] DeviceKeys = ["name", "memoryBytes", "caps", "cuts"];
    private static readonly string[] CutKeys = ["cut", "fixedSeconds", "demand", "memoryBytes"];

    private readonly List<(int Resource, double Amount)> caps = [];
    private readonly List<(int Resource, double Amount)> demands = [];
    private readonly List<CutFields> cuts = [];
    private int device = -1;

    public void ReadDevices()
    {
        if (!fields.IsList(tokens, "devices"))
            return;
        while (tokens.Next() != JsonTokenType.EndArray)
        {
            device++;
            ReadDevice();
        }
    }

    private void ReadDevice()
    {
        caps.Clear();
        demands.Clear();
        cuts.Clear();
        string name = "";
        double memory = double.PositiveInfinity;
        int seen = 0;
        if (fields.IsObject(tokens, $"devices[{device}]"))
        {
            while (tokens.Next() == JsonTokenType.PropertyName)
            {
                string key = tokens.Text;
                tokens.Next();
                if (!fields.IsFirst(ref seen, DeviceKeys, new(key, device)))
                {
                    tokens.Skip();
                    continue;
                }

                switch (key)
                {
                    case "name":
                        name = fields.String(tokens, $"devices[{device}].name") ?? $"devices[{device}]";
                        break;
                    case "memoryBytes":
                        memory = fields.Number(tokens, new("memoryBytes", device)) ?? memory;
                        break;
                    case "caps":
                        ReadAmounts(caps, new("caps", device));
                        break;
                    case "cuts":
                        ReadCuts();
                        break;
                    default:
                        fields.CheckKey($"devices[{device}].", key, DeviceKeys);
                        tokens.Skip();
                        break;
                }
            }
        }

        Add(name, memory);
    }

    private void Add(string name, double memory)
    {
        if (fields.IsHopeless)
            return;
        fields.Draft.AddDevice(name, memory);
        foreach ((int resource, double amount) in caps)
            fields.Draft.SetCap(resource, amount);
        foreach (CutFields cut in cuts)
        {
            fields.Draft.AddCut(cut.Cut, cut.Seconds, cut.Memory);
            for (int index = cut.FirstDemand; index < cut.EndDemand; index++)
                fields.Draft.SetDemand(demands[index].Resource, demands[index].Amount);
        }
    }

    private void ReadCuts()
    {
        if (!fields.IsList(tokens, $"devices[{device}].cuts"))
            return;
        while (tokens.Next() != JsonTokenType.EndArray)
        {
            CutFields cut = ReadCut(cuts.Count);
            if (!fields.IsHopeless)
                cuts.Add(cut);
        }
    }

    private CutFields ReadCut(int index)
    {
        double? number = null;
        double? seconds = null;
        double memory = 0;
        int firstDemand = demands.Count;
        bool hasNumber = false;
        bool hasSeconds = false;
        int seen = 0;
        if (tokens.Type != JsonTokenType.StartObject)
        {
            fields.IsObject(tokens, $"devices[{device}].cuts[{index}]");
            return new CutFields(index, 0, 0, 0, 0);
        }

        while (tokens.Next() == JsonTokenType.PropertyName)
        {
            string key = tokens.Text;
            tokens.Next();
            if (!fields.IsFirst(ref seen, CutKeys, new(key, device, index)))
            {
                tokens.Skip();
                continue;
            }

            switch (key)
            {
                case "cut":
                    hasNumber = true;
                    number = fields.Number(tokens, new("cut", device, index));
                    break;
                case "fixedSeconds":
                    hasSeconds = true;
                    seconds = fields.Number(tokens, new("fixedSeconds", device, index));
                    break;
                case "demand":
                    ReadAmounts(demands, new("demand", device, index));
                    break;
                case "memoryBytes":
                    memory = fields.Number(tokens, new("memoryBytes", device, index)) ?? 0;
                    break;
                default:
                    fields.CheckKey($"devices[{device}].cuts[{index}].", key, CutKeys);
                    tokens.Skip();
                    break;
            }
        }

        if (!hasNumber)
            fields.AddFault($"devices[{device}].cuts[{index}].cut", "is missing", "say how many blocks run on the device");
        if (!hasSeconds)
            fields.AddFault($"devices[{device}].cuts[{index}].fixedSeconds", "is missing", "give the seconds that no share changes");
        if (number is { } value && (value != Math.Floor(value) || Math.Abs(value) > int.MaxValue))
        {
            fields.AddFault(
                $"devices[{device}].cuts[{index}].cut", FormattableString.Invariant($"{value} is not a cut"), "give a whole number from 0");
            number = null;
        }

        // Stands in for a number already at fault, apart from every number a fleet would list.
        int cut = number is { } whole ? (int)whole : int.MaxValue - index;
        return new CutFields(cut, seconds ?? 0, memory, firstDemand, demands.Count);
    }

    private void ReadAmounts(List<(int Resource, double Amount)> amounts, ProblemFields.Path where)
    {
        if (tokens.Type != JsonTokenType.StartObject)
        {
            fields.IsObject(tokens, where.ToString());
            return;
        }

        int first = amounts.Count;
        while (tokens.Next() == JsonTokenType.PropertyName)
        {
            string name = tokens.Text;
            int resource = fields.FindResource(name);
            tokens.Next();
            double? amount = fields.Number(tokens, where with { Leaf = name });
            if (resource < 0)
            {
                fields.AddFault(
                    $"{where}.{name}", $"there is no resource '{name}'",
                    $"the resources are {string.Join(", ", fields.Resources!.Select(known => $"'{known.Name}'"))}");
            }
            else if (amounts.FindIndex(first, other => other.Resource == resource) >= 0)
            {
                fields.AddFault($"{where}.{name}", "is there twice");
            }
            else if (amount is { } value)
            {
                amounts.Add((resource, value));
            }
        }
    }

    private readonly record struct CutFields(int Cut, double Seconds, double Memory, int FirstDemand, int EndDemand);
}
