using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace PaaS.Api.Tests;

/// <summary>An assembly's public surface as text: a line per type and per member, sorted. What a compiler adds by itself is left out.</summary>
internal sealed class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private readonly NullabilityInfoContext _nullability = new();

    public static string Of(Assembly assembly)
    {
        var surface = new PublicSurface();
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(static t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(Head(type)).Append('\n');
            foreach (var line in surface.Members(type).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Head(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => IsReadOnly(type) ? "readonly struct" : "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => typeof(Delegate).IsAssignableFrom(type) ? "delegate" : "sealed class",
            _ => "class",
        };
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) && parent != typeof(MulticastDelegate))
        {
            bases.Add(TypeText.Of(parent));
        }

        if (type.IsEnum)
        {
            bases.Add(TypeText.Of(Enum.GetUnderlyingType(type)));
        }
        else
        {
            bases.AddRange(type.GetInterfaces().Where(static i => i.IsVisible).Select(static i => TypeText.Of(i)).Order(StringComparer.Ordinal));
        }

        return $"{kind} {TypeText.Of(type)}{(bases.Count > 0 ? $" : {string.Join(", ", bases)}" : "")}";
    }

    private IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(static f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} = {Convert.ToInt64(f.GetRawConstantValue(), CultureInfo.InvariantCulture)}"));
        }

        if (typeof(Delegate).IsAssignableFrom(type))
        {
            return [Method(type.GetMethod("Invoke")!)];
        }

        return type.GetConstructors(Declared).Where(Visible).Select(c => $"{Access(c)}new({Parameters(c)})")
            .Concat(type.GetMethods(Declared).Where(static m => Visible(m) && !IsAccessor(m) && !Generated(m)).Select(Method))
            .Concat(type.GetProperties(Declared).Where(static p => p.GetAccessors(nonPublic: true).Any(Visible)).Select(Property))
            .Concat(type.GetEvents(Declared).Where(static e => Visible(e.AddMethod!)).Select(static e => $"event {TypeText.Of(e.EventHandlerType!)} {e.Name}"))
            .Concat(type.GetFields(Declared).Where(static f => (f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly) && !Generated(f)).Select(Field));
    }

    private string Method(MethodInfo method)
    {
        var modifier = method switch
        {
            { IsStatic: true, IsAbstract: true } => "static abstract ",
            { IsStatic: true } => "static ",
            { IsAbstract: true, DeclaringType.IsInterface: false } => "abstract ",
            { IsVirtual: true, IsFinal: false, DeclaringType: { IsInterface: false, IsSealed: false } } => method.GetBaseDefinition() == method ? "virtual " : "override ",
            _ => "",
        };
        var generic = method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(static a => a.Name))}>" : "";
        var extension = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return $"{Access(method)}{modifier}{TypeText.Of(method.ReturnType, _nullability.Create(method.ReturnParameter))} {method.Name}{generic}({extension}{Parameters(method)})";
    }

    private string Property(PropertyInfo property)
    {
        var getter = property.GetMethod is { } get && Visible(get) ? "get; " : "";
        var setter = property.SetMethod is { } set && Visible(set) ? IsInit(set) ? "init; " : "set; " : "";
        var modifier = (property.GetMethod ?? property.SetMethod)!.IsStatic ? "static " : "";
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{string.Join(", ", parameters.Select(Parameter))}]" : "";
        return $"{required}{modifier}{TypeText.Of(property.PropertyType, _nullability.Create(property))} {property.Name}{index} {{ {getter}{setter}}}";
    }

    private string Field(FieldInfo field)
    {
        var modifier = field.IsLiteral ? "const " : field.IsStatic ? field.IsInitOnly ? "static readonly " : "static " : field.IsInitOnly ? "readonly " : "";
        var value = field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : "";
        return $"{modifier}{TypeText.Of(field.FieldType, _nullability.Create(field))} {field.Name}{value}";
    }

    private string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private string Parameter(ParameterInfo parameter)
    {
        var passing = parameter switch
        {
            { IsOut: true } => "out ",
            { IsIn: true, ParameterType.IsByRef: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ => "",
        };
        var value = parameter.HasDefaultValue ? $" = {Literal(parameter.RawDefaultValue)}" : "";
        return $"{passing}{TypeText.Of(parameter.ParameterType, _nullability.Create(parameter))} {parameter.Name}{value}";
    }

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static bool Visible(MethodBase method) =>
        method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed && !Generated(method));

    private static bool IsAccessor(MethodInfo method) =>
        method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool Generated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsInit(MethodInfo set) => set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static bool IsReadOnly(Type type) => type.IsDefined(typeof(IsReadOnlyAttribute));
}
