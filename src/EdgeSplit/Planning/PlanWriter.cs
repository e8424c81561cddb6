using System.Text.Json;

namespace EdgeSplit.Planning;

/// <summary>Writes a plan as JSON, the form other programs read.</summary>
public static class PlanWriter
{
    private static readonly JsonWriterOptions Options = new() { Indented = true };

    /// <summary>UTF-8 JSON of the plan.</summary>
    public static void Write(Plan plan, Stream stream)
    {
        using Utf8JsonWriter writer = new(stream, Options);
        writer.WriteStartObject();
        writer.WriteString("status", StatusName(plan.Status));
        writer.WriteString("policy", plan.Policy);
        if (plan.Status == PlanStatus.Infeasible)
            WriteInfeasible(plan, writer);
        else
            WriteDecision(plan, writer);
        writer.WriteEndObject();
    }

    /// <summary>The status as data has it.</summary>
    public static string StatusName(PlanStatus status) => status switch
    {
        PlanStatus.Optimal => "optimal",
        PlanStatus.Feasible => "feasible",
        _ => "infeasible",
    };

    /// <summary>The status that data has so, or null.</summary>
    internal static PlanStatus? FindStatus(string? name)
    {
        foreach (PlanStatus status in Enum.GetValues<PlanStatus>())
        {
            if (StatusName(status) == name)
                return status;
        }

        return null;
    }

    private static void WriteInfeasible(Plan plan, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("infeasible");
        foreach (InfeasibleDevice device in plan.Infeasible)
        {
            writer.WriteStartObject();
            writer.WriteString("device", device.Device);
            writer.WriteString("reason", device.Reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteDecision(Plan plan, Utf8JsonWriter writer)
    {
        writer.WriteNumber("roundSeconds", plan.RoundSeconds);
        writer.WriteNumber("lowerBoundSeconds", plan.LowerBoundSeconds);
        if (plan.TimeLimit is { } limit)
            writer.WriteNumber("timeLimitMetSeconds", limit.TotalSeconds);
        writer.WriteStartArray("devices");
        Problem problem = plan.Problem;
        for (int device = 0; device < problem.DeviceCount; device++)
        {
            writer.WriteStartObject();
            writer.WriteString("name", problem.DeviceName(device));
            writer.WriteNumber("cut", plan.Cut(device));
            writer.WriteStartObject("shares");
            for (int resource = 0; resource < problem.Resources.Length; resource++)
            {
                if (problem.Resources[resource].Sharing == Sharing.Reserved)
                    writer.WriteNumber(problem.Resources[resource].Name, plan.Share(device, resource));
            }

            writer.WriteEndObject();
            writer.WriteNumber("roundSeconds", plan.DeviceSeconds(device));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
